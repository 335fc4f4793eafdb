"""The verb that reconstructs films: reconstruct."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neuroclips.cli.fusing import OF_FUSION, reconstruct_fused
from neuroclips.cli.many import OF_CLIPS, reconstruct_clips
from neuroclips.cli.options import (
    AlphaMode,
    Device,
    Dtype,
    Keep,
    Mask,
    MemoryMode,
    Reconstructors,
    Setting,
    Silence,
    Silenced,
    Solver,
    Source,
    Speed,
    Start,
    VertexIndex,
    VideoSteps,
    WhichZoo,
)
from neuroclips.cli.root import app
from neuroclips.cli.telling import ProgressBar, tell_before, tell_own
from neuroclips.commands import FILES, OF_LESION, OF_REQUEST, OF_SETTINGS, OPTIONS
from neuroclips.effects import expect_effect, flag
from neuroclips.errors import InputError
from neuroclips.faults import one_line_errors
from neuroclips.files import to_json
from neuroclips.metrics.scores import read
from neuroclips.types import PRESETS

if TYPE_CHECKING:
    from neuroclips.types import Edit, Request, Settings


@app.command()
@one_line_errors
def reconstruct(
    subject: Annotated[int, typer.Option(help="whose brain")] = 1,
    clip: Annotated[int | None, typer.Option(help="which test clip; default: 0")] = None,
    clips: Annotated[
        str | None,
        typer.Option(help="all, 12-20 or 0,5,9: each gets a folder in --out, and those that are there are kept"),
    ] = None,
    batch_size: Annotated[int | None, typer.Option(help="with --clips: how many are made together")] = None,
    portion: Annotated[
        str | None, typer.Option(help="with --clips: only 3/10, the third of ten portions that work at once")
    ] = None,
    fuse: Annotated[bool, typer.Option("--fuse", help="with --clips: neighbours of one class become one film")] = False,
    longest: Annotated[int | None, typer.Option(help="with --fuse: clips of one film at most; default: 3")] = None,
    join: Annotated[
        str | None,
        typer.Option(help="with --fuse: head (as the paper's films go on), tail, or both; default: head"),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="same seed, same video; default: 0")] = None,
    out: Annotated[Path, typer.Option(help="folder for the files")] = Path("outputs"),
    alpha: Annotated[bool | None, typer.Option("--alpha/--no-alpha", help="guidance by the blurry video")] = None,
    beta: Annotated[bool | None, typer.Option("--beta/--no-beta", help="guidance by the keyframe")] = None,
    gamma: Annotated[bool | None, typer.Option("--gamma/--no-gamma", help="guidance by the caption")] = None,
    keep_keyframe: Annotated[
        bool | None,
        typer.Option(
            "--keep-keyframe/--no-keep-keyframe",
            help="with --no-alpha: the keyframe begins from the first blurry frame even so",
        ),
    ] = None,
    captioner: Annotated[
        str | None, typer.Option(help="blip2, or git, which reads image tokens instead; default: the zoo's")
    ] = None,
    prompt: Annotated[str | None, typer.Option(help="words for the video model instead of the caption")] = None,
    prompt_suffix: Annotated[str | None, typer.Option(help="behind caption or prompt; default: the zoo's")] = None,
    negative_prompt: Annotated[str | None, typer.Option(help="what the film shall not be; default: the zoo's")] = None,
    preset: Annotated[
        str, typer.Option(help=f"rows of the paper's table 2 and its code: {', '.join(PRESETS)}")
    ] = "full",
    alpha_mode: AlphaMode = None,
    theta: Annotated[float | None, typer.Option(help="of equation 5")] = None,
    strength: Annotated[
        float | None, typer.Option(help="share of the keyframe's schedule after the blurry frame")
    ] = None,
    video: Annotated[str | None, typer.Option(help="which video model of the zoo")] = None,
    pixels: Annotated[int | None, typer.Option(help="edge of the film; default: the zoo's")] = None,
    video_steps: VideoSteps = None,
    start: Start = None,
    solver: Solver = None,
    lesion: Silenced = None,
    keep: Keep = None,
    silence: Silence = None,
    setting: Setting = None,
    zoo: WhichZoo = "demo",
    dataset: Annotated[str, typer.Option(help="simulated, swapped, preprocessed, cc2017 or file")] = "simulated",
    source: Source = None,
    vertex_index: VertexIndex = None,
    mask: Mask = None,
    reconstructors: Reconstructors = None,
    device: Device = None,
    dtype: Dtype = None,
    memory: MemoryMode = None,
    speed: Speed = None,
    as_json: Annotated[bool, typer.Option("--json", help="print reconstruction.json")] = False,
) -> None:
    """Reconstruct the film behind one fMRI sample and write it as files; all three guidances are on unless told.

    Example: python -m neuroclips reconstruct --subject 1 --clip 0 --out outputs
    A lesion of it: python -m neuroclips reconstruct --subject 1 --clip 0 --lesion V1,V2 --silence noise --out lesioned
    With --clips it goes on where it was when it is started again, and `accelerate launch -m neuroclips reconstruct ...`
    spreads it over all GPUs.
    """
    from neuroclips.disk import expect_folder
    from neuroclips.fetched import expect_models
    from neuroclips.types import Request

    guidance = {"guidance.alpha": alpha, "guidance.beta": beta, "guidance.gamma": gamma}
    given: dict[str, object] = guidance | {"seed": seed, "captioner": captioner, "keep_keyframe": keep_keyframe}
    given |= {"prompt": prompt, "prompt_suffix": prompt_suffix, "negative_prompt": negative_prompt}
    given |= {"alpha_mode": alpha_mode, "theta": theta, "keyframe_start": strength}
    given |= {"video_model": video, "pixels": pixels}
    given |= of_video(video_steps, start, solver)
    settings = replace(settings_of(zoo, given, setting, preset), edits=edits_of(lesion, keep, silence))
    files = dict(zip(FILES, (source, reconstructors, vertex_index, mask), strict=True))
    request = Request(
        subject,
        clip or 0,
        settings,
        zoo,
        dataset,
        source,
        reconstructors,
        vertex_index,
        mask,
        device=device,
        dtype=dtype,
        memory=memory,
        speed=speed,
    )
    expect_effect(request, {name: flag(name) for name, value in files.items() if value is not None}, OF_REQUEST)
    several = {"clip": clip, "clips": clips, "batch_size": batch_size, "portion": portion}
    several |= {"fuse": fuse or None, "longest": longest, "join": join}
    given_several = {name: flag(name) for name, value in several.items() if value is not None}
    expect_effect(several, given_several, OF_CLIPS + OF_FUSION)
    expect_folder(out)
    expect_models(request, fuse)
    if fuse and clips is not None:
        reconstruct_fused(request, clips, batch_size, {"longest": longest, "join": join}, out, as_json)
    elif clips is not None:
        reconstruct_clips(request, clips, batch_size, portion, out, as_json)
    else:
        _reconstruct_one(request, out, as_json)


def _reconstruct_one(request: Request, out: Path, as_json: bool) -> None:
    # imported here: these bring every model library, and what is wrong before should be told at once
    from neuroclips import export, run

    tell_before(request)
    bar = ProgressBar(quiet=as_json)
    result = run.reconstruct(request, bar)
    bar.close()
    export.save(out, result)
    tell_own(request, result.summary["reconstructors"])
    print(to_json(result.summary) if as_json else _lines(result.summary, out))


def of_video(steps: int | None, start: float | None, solver: str | None) -> dict[str, object]:
    return {"video_steps": steps, "video_start": start, "video_solver": solver}


def edits_of(lesion: str | None, keep: str | None, silence: str | None) -> tuple[Edit, ...]:
    """The lesion that was typed, or none. Raises InputError for words that name no region."""
    given = {"lesion": lesion, "keep": keep, "silence": silence}
    expect_effect(given, {name: flag(name) for name, value in given.items() if value is not None}, OF_LESION)
    from neuroclips.lesions import lesion_of

    return lesion_of(lesion, keep, silence)


def settings_of(zoo: str, given: dict[str, object], words: list[str] | None, preset: str = "full") -> Settings:
    """The settings of a zoo with those that were given; None was not. Raises InputError for what has no effect."""
    if preset not in PRESETS:
        raise InputError(f"got preset {preset!r}, expected one of: {', '.join(PRESETS)}")
    from neuroclips.configure import configure, expect_once, parse_changes
    from neuroclips.zoo import zoo_named

    given = {name: value for name, value in given.items() if value is not None}
    changes, typed = parse_changes(words or []), {name: OPTIONS[name] for name in given}
    if "edits" in changes:
        raise InputError(
            "got --set edits, expected another setting: edits are functions, given in Python (lesions: --lesion)"
        )
    expect_once(typed, changes)
    expect_once({name: f"--preset {preset}" for name in PRESETS[preset]}, given | changes)
    known = zoo_named(zoo)
    usual = known.settings_for(str((given | changes).get("video_model", known.settings.video_model)))
    settings = configure(usual, PRESETS[preset] | given | changes)
    known.expect(settings)
    expect_effect(settings, typed | {name: f"--set {name}" for name in changes}, OF_SETTINGS)
    return settings


def _lines(summary: dict, out: Path) -> str:
    head = f"subject {summary['subject']}, clip {summary['clip']}: {summary['caption']} ({summary['dataset']} data)"
    scores = read(summary["scores"])
    if scores is None:
        return f"{head}\n  no films to compare with: not scored\nfiles in {out}"
    rows = scores.rows()
    lines = [f"  {about.title:16} {value:6.3f}   (flat colour {flat:.3f}{about.beside})" for about, value, flat in rows]
    return "\n".join([head, *lines, f"files in {out}"])

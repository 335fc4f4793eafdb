"""The verb that asks whether a film is from the brain: from-brain."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neuroclips.cli.many import OF_CLIPS
from neuroclips.cli.options import (
    Device,
    Dtype,
    Keep,
    Mask,
    MemoryMode,
    Reconstructors,
    Setting,
    Silence,
    Silenced,
    Source,
    Speed,
    VertexIndex,
    WhichZoo,
)
from neuroclips.cli.reconstruction import edits_of, settings_of
from neuroclips.cli.root import app
from neuroclips.cli.telling import tell_before
from neuroclips.commands import FILES, OF_REQUEST
from neuroclips.effects import expect_effect, flag
from neuroclips.faults import one_line_errors
from neuroclips.files import to_json

if TYPE_CHECKING:
    from neuroclips.evaluation.from_brain import FromBrain, Row
    from neuroclips.types import Request

TABLE = "from_brain.json"


@app.command("from-brain")
@one_line_errors
def from_brain(
    subject: Annotated[int, typer.Option(help="whose brain")] = 1,
    clip: Annotated[int | None, typer.Option(help="which test clip; default: 0")] = None,
    clips: Annotated[
        str | None, typer.Option(help="0,12,24, 12-20 or all: each gets a folder in --out, and all one share together")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="of all noise, and of the other clip; default: 0")] = None,
    out: Annotated[Path, typer.Option(help="folder for films, strip.png and from_brain.json")] = Path(
        "outputs/from_brain"
    ),
    lesion: Silenced = None,
    keep: Keep = None,
    silence: Silence = None,
    setting: Setting = None,
    zoo: WhichZoo = "demo",
    dataset: Annotated[str, typer.Option(help="simulated, swapped, null, preprocessed, cc2017, file")] = "simulated",
    source: Source = None,
    vertex_index: VertexIndex = None,
    mask: Mask = None,
    reconstructors: Reconstructors = None,
    device: Device = None,
    dtype: Dtype = None,
    memory: MemoryMode = None,
    speed: Speed = None,
    as_json: Annotated[bool, typer.Option("--json", help="print from_brain.json")] = False,
) -> None:
    """Decode one clip from real fMRI, another clip's, zero, mean, noise, another subject's, and from no brain at all.

    The clip, the seed and the settings are the same in all eight films: what the real one scores more is from the
    brain. The brain share is (score - floor) / (ceiling - floor).
    Example: python -m neuroclips from-brain --subject 1 --clip 5 --out outputs/from_brain
    """
    from neuroclips.disk import expect_folder
    from neuroclips.fetched import expect_models
    from neuroclips.types import Request

    settings = replace(settings_of(zoo, {"seed": seed}, setting), edits=edits_of(lesion, keep, silence))
    files = dict(zip(FILES, (source, reconstructors, vertex_index, mask), strict=True))
    own = (source, reconstructors, vertex_index, mask)
    request = Request(subject, clip or 0, settings, zoo, dataset, *own, device, dtype, memory, speed)
    expect_effect(request, {name: flag(name) for name, value in files.items() if value is not None}, OF_REQUEST)
    several = {"clip": clip, "clips": clips}
    expect_effect(several, {name: flag(name) for name, value in several.items() if value is not None}, OF_CLIPS)
    expect_folder(out)
    expect_models(request)
    if clips is None:
        _one(request, out, as_json)
    else:
        _several(request, clips, out, as_json)


def _one(request: Request, out: Path, as_json: bool) -> None:
    from neuroclips.evaluation.from_brain import record

    tell_before(request)
    found = _made(request, out)
    print(to_json(record(found), indent=1) if as_json else "\n".join([*_lines(found), f"files in {out}"]))


def _several(request: Request, clips: str, out: Path, as_json: bool) -> None:
    from neuroclips.clips import parse_clips
    from neuroclips.data.base import check
    from neuroclips.evaluation.brain_shares import lines, over_clips, record
    from neuroclips.evaluation.from_brain import measured_on
    from neuroclips.files import write_json
    from neuroclips.run import dataset_of

    info = dataset_of(request).info
    check(info, request.subject)
    asked = parse_clips(clips, info.n_clips)
    tell_before(request)
    found = [_made(replace(request, clip=clip), out / f"{clip:04d}") for clip in asked]
    shares = over_clips(found, request.settings.seed if request.settings else 0)
    table = record(found, shares)
    write_json(out / TABLE, table)
    head = ", ".join([f"subject {request.subject}, {len(asked)} clips", *table["edits"]]) + f" ({measured_on(request)})"
    print(to_json(table, indent=1) if as_json else "\n".join([head, *lines(shares), f"files in {out}"]))


def _made(request: Request, out: Path) -> FromBrain:
    # imported here: these bring every model library, and what is wrong before should be told at once
    from neuroclips.evaluation.brain_strip import save
    from neuroclips.evaluation.from_brain import from_brain
    from neuroclips.memory import Memory

    found = from_brain(request, _tell, memory=Memory())
    save(out, found)
    return found


def _tell(row: Row) -> None:
    seconds = sum(row.result.summary["seconds"].values()) if row.result else 0
    print(f"{row.name:14} {row.why or f'{seconds:6.2f} s'}", file=sys.stderr, flush=True)


def _lines(found: FromBrain) -> list[str]:
    from neuroclips.evaluation.brain_share import line, told
    from neuroclips.evaluation.brains import BRAINS
    from neuroclips.evaluation.from_brain import heading

    head = heading(found)
    if not found.shares:
        return [head, "  no films to compare with: not scored"]
    scored = [(row, row.scores) for row in found.rows]
    rows = [
        f"  {BRAINS[row.name].label:24} " + "  ".join(f"{getattr(of, name):6.3f}" for name in found.shares)
        for row, of in scored
        if of
    ]
    shares = [
        f"  {line(found.shares, name)}, beats {len(share.beats)} of {len(rows) - 1} rows"
        for name, share in found.shares.items()
    ]
    floor = f"  floor: mean of {told([row.name for row, of in scored if of])}"
    return [head, f"  {'':24} " + "  ".join(f"{name[:6]:>6}" for name in found.shares), *rows, *shares, floor]

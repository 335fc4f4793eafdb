"""Verbs that make weights: train, import-checkpoint."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from neuroclips.cli.data import subjects_of
from neuroclips.cli.root import app
from neuroclips.faults import one_line_errors
from neuroclips.files import to_json
from neuroclips.paths import ROOT
from neuroclips.train.names import SERIES, STAGES

NOT_RECORDED = ("--no-resume", "--samples")  # options that change nothing about the weights


@app.command()
@one_line_errors
def train(
    stage: Annotated[str, typer.Option(help=", ".join((*STAGES, SERIES)))],
    subject: Annotated[str, typer.Option(help="1; 1,2,3 share all but their ridge layers; null is the control")] = "",
    zoo: Annotated[str, typer.Option(help="sizes, recipe and encoders: demo, or those of the paper")] = "demo",
    dataset: Annotated[str | None, typer.Option(help="simulated (default), preprocessed or cc2017")] = None,
    source: Annotated[Path | None, typer.Option(help="folder of the dataset; for the projector, MSCOCO")] = None,
    stimuli: Annotated[Path | None, typer.Option(help="the authors' hub files, for preprocessed measured runs")] = None,
    steps: Annotated[int | None, typer.Option(help="optimiser steps; default: the preset's")] = None,
    epochs: Annotated[int | None, typer.Option(help="as many steps as passes over the training clips have")] = None,
    seconds: Annotated[float | None, typer.Option(help="as many steps as fit into so many seconds [s]")] = None,
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
        Path | None, typer.Option(help="some zoo stages: begin with the trained weights in this folder")
    ] = None,
    dtype: Annotated[str, typer.Option(help="of the exported weights: float32, bfloat16 or float16")] = "float32",
    samples: Annotated[bool, typer.Option("--samples", help="validations show validation films in --run-dir")] = False,
) -> None:
    """Train a reconstructor, a baseline or a model of the demo zoo; a run that was stopped goes on where it was.

    An option that a stage would not use is refused.
    Several processes: torchrun --nproc_per_node 2 -m -- neuroclips train ...
    Example: python -m neuroclips train --stage perception --subject 1 --out mine/subject1/perception
    """
    from neuroclips.configure import parse_changes
    from neuroclips.train import stages

    given: dict[str, object] = {
        "steps": steps,
        "epochs": epochs,
        "seconds": seconds,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
    }
    given |= {"accumulate": accumulate, "mixed_precision": mixed_precision}
    recipe = {name: value for name, value in given.items() if value is not None}
    subjects = tuple(subjects_of(subject)) if subject else ()
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
        words_of(sys.argv),
        dtype,
        samples,
    )
    if stage == SERIES:
        from neuroclips.train import series

        print(to_json(series.run(order)))
    else:
        print(to_json(stages.run(order)))


def words_of(argv: list[str]) -> str:
    """The options as they were typed; of folders outside the repository, only true on one machine, the last name."""
    words, skip = [], False
    for word in argv[argv.index("train") + 1 :] if "train" in argv else []:
        if skip or word in ("--out", "--run-dir", *NOT_RECORDED):
            skip = not skip and word not in NOT_RECORDED
            continue
        words.append(_relative(Path(word)) if "/" in word else word)
    return " ".join(words)


def _relative(path: Path) -> str:
    path = path.resolve()
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


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

    print(run(file, subject, out, cast(Any, condition), ridge_index, dtype_named(dtype) if dtype else None))

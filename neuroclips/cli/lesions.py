"""The verb that silences every group of areas in turn: lesions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neuroclips.cli.evaluating import subjects_of
from neuroclips.cli.root import app
from neuroclips.clips import ALL
from neuroclips.disk import expect_folder
from neuroclips.faults import one_line_errors
from neuroclips.files import to_json


@app.command()
@one_line_errors
def lesions(
    subject: Annotated[str, typer.Option(help="whose simulated brains: 1, 1,3 or all")] = ALL,
    blurry: Annotated[int, typer.Option(help="test clips that are decoded to their blurry video")] = 24,
    keyframes: Annotated[int, typer.Option(help="of these, how many to their keyframe and its words")] = 8,
    films: Annotated[int, typer.Option(help="of these, how many to their film")] = 2,
    silence: Annotated[str, typer.Option(help="zero, mean or noise")] = "zero",
    out: Annotated[Path, typer.Option(help="folder for lesions.json and lesions.csv")] = Path("outputs/lesions"),
    figure: Annotated[Path | None, typer.Option(help="also a heat map: .png, .svg or .pdf")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print lesions.json")] = False,
) -> None:
    """What each of twelve groups of areas is worth to each step: silenced, decoded again, scored beside the intact.

    Brain tokens are of all 300 test clips. What was decoded is kept: started again it goes on, and more clips are
    added to those that there are. About 0.15 s of one core for each blurry video, of which a clip has 44.
    Example: python -m neuroclips lesions --subject all --out lesions
    """
    expect_folder(out)
    from neuroclips.data.base import check
    from neuroclips.data.registry import load_dataset
    from neuroclips.data.simulated import N_VOXELS
    from neuroclips.evaluation import lesion_matrix
    from neuroclips.evaluation.lesions import LesionPlan

    plan = LesionPlan(subjects_of(subject, N_VOXELS), blurry, keyframes, films, silence)  # type: ignore[arg-type]
    for one in plan.subjects:
        check(load_dataset().info, one)
    words = f"--subject {subject} --blurry {blurry} --keyframes {keyframes} --films {films} --silence {silence}"
    report = lesion_matrix.matrix(plan, f"python -m neuroclips lesions {words}")
    lesion_matrix.write(report, out)
    if figure:
        from neuroclips.evaluation.lesion_figure import heat_map

        heat_map(report, figure)
    print(to_json(report) if as_json else "\n".join([*report["truth"]["said"], f"files in {out}"]))

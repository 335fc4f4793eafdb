"""The verb that silences every group of areas in turn: lesions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neuroclips.cli.evaluating import subjects_of
from neuroclips.cli.root import app
from neuroclips.clips import ALL, parse_clips
from neuroclips.disk import expect_folder
from neuroclips.errors import InputError
from neuroclips.faults import one_line_errors
from neuroclips.files import to_json

FIGURES = (".png", ".svg", ".pdf")


@app.command()
@one_line_errors
def lesions(
    subject: Annotated[str, typer.Option(help="whose simulated brains: 1, 1,3 or all")] = ALL,
    clips: Annotated[
        str | None, typer.Option(help="test clips to decode: all, 12-20 or 0,5,9; default: 24 that are spread over all")
    ] = None,
    keyframes: Annotated[int, typer.Option(help="how many of them also to their keyframe and its words")] = 8,
    films: Annotated[int, typer.Option(help="how many of them also to their film")] = 2,
    silence: Annotated[str, typer.Option(help="zero, mean or noise")] = "zero",
    out: Annotated[Path, typer.Option(help="folder for lesions.json and lesions.csv")] = Path("outputs/lesions"),
    figure: Annotated[Path | None, typer.Option(help="also a heat map: .png, .svg or .pdf")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print lesions.json")] = False,
) -> None:
    """What each of twelve groups of areas is worth to each step: silenced, decoded again, scored beside the intact.

    Brain tokens are of all 300 test clips. What was decoded is kept: started again it goes on. A clip is decoded in 44
    ways, of which keyframe and film are made in 16.
    Example: python -m neuroclips lesions --subject all --out lesions
    """
    expect_folder(out)
    if figure and figure.suffix not in FIGURES:
        raise InputError(f"{figure}: got the suffix {figure.suffix!r}, expected one of: {', '.join(FIGURES)}")
    from neuroclips.data.base import check
    from neuroclips.data.registry import load_dataset
    from neuroclips.data.simulated import N_SHIPPED, N_VOXELS
    from neuroclips.evaluation import lesion_matrix
    from neuroclips.evaluation.lesions import USUAL_CLIPS, LesionPlan

    few = USUAL_CLIPS if clips is None else tuple(parse_clips(clips, N_SHIPPED))
    plan = LesionPlan(subjects_of(subject, N_VOXELS), few, keyframes, films, silence)  # type: ignore[arg-type]
    for one in plan.subjects:
        check(load_dataset().info, one)
    listed = ",".join(map(str, sorted(plan.clips)))
    words = f"--subject {subject} --clips {listed} --keyframes {keyframes} --films {films} --silence {silence}"
    report = lesion_matrix.matrix(plan, f"python -m neuroclips lesions {words}")
    lesion_matrix.write(report, out)
    if figure:
        from neuroclips.evaluation.lesion_figure import heat_map

        heat_map(report, figure)
    print(to_json(report) if as_json else "\n".join([*report["truth"]["said"], f"files in {out}"]))

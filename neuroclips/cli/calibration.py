"""The verb that makes decoders of a new subject: calibrate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from neuroclips.cli.root import app
from neuroclips.faults import one_line_errors
from neuroclips.files import to_json


@app.command()
@one_line_errors
def calibrate(
    source: Annotated[Path, typer.Option(help="file of fMRI; a .npz may hold clips (n, 2), film and TR, beside it")],
    out: Annotated[Path, typer.Option(help="folder for the decoders, for reconstruct --reconstructors")],
    subject: Annotated[int, typer.Option(help="number that the new subject gets")] = 1,
    like: Annotated[int, typer.Option(help="shipped subject whose decoder the ridge leads into: 1, 2 or 3")] = 1,
    clips: Annotated[Path | None, typer.Option(help=".npy (n, 2) of film and TR, where the file has none")] = None,
    vertex_index: Annotated[Path | None, typer.Option(help=".npy of rows among the vertices, for a dtseries")] = None,
    mask: Annotated[Path | None, typer.Option(help="NIfTI mask of a .nii")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print calibration.json")] = False,
) -> None:
    """Fit a ridge from the voxels of a new subject into a shipped decoder, and tell how it does on held-out samples.

    Example: python -m neuroclips calibrate --source mine.npz --out mine
    Then: python -m neuroclips reconstruct --dataset file --source mine.npz --reconstructors mine
    """
    from neuroclips.calibration.calibrate import calibrate as fit
    from neuroclips.calibration.calibrate import save
    from neuroclips.calibration.given import read_given
    from neuroclips.disk import expect_folder
    from neuroclips.ranges import Number, expect

    expect("subject", subject, Number)
    expect_folder(out)
    made = fit(read_given(source, clips, vertex_index, mask), like, lambda role: print(role, file=sys.stderr))
    home = save(made, out, subject)
    print(to_json(made.record()) if as_json else "\n".join([*made.lines(), f"decoders in {home}"]))

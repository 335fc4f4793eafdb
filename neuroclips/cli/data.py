"""Verbs that make data: simulate, preprocess."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Annotated

import typer

from neuroclips.cli.root import app
from neuroclips.errors import InputError
from neuroclips.faults import one_line_errors
from neuroclips.files import to_json


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

    numbers, names = subjects_of(subjects), parse_films(films)
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


def subjects_of(text: str) -> list[int]:
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
    print(to_json(meta) if as_json else f"{meta['n_voxels']:,} of {meta['n_tested']:,} vertices in {home}, {report}")

"""Verbs that make data: simulate, preprocess."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neuroclips.cli.root import app
from neuroclips.cli.tables import OF_PREPROCESS, OF_SIMULATE
from neuroclips.disk import expect_folder
from neuroclips.effects import expect_effect, flag
from neuroclips.errors import InputError
from neuroclips.faults import one_line_errors
from neuroclips.files import to_json
from neuroclips.ranges import Seed, expect, is_number, shown

ExcludeValidation = Annotated[
    bool,
    typer.Option("--exclude-validation", help="choose voxels without the films that choose settings, the last ninth"),
]


@app.command()
@one_line_errors
def simulate(
    subjects: Annotated[str, typer.Option(help="some of 1,2,3,null")] = "1,2,3",
    films: Annotated[str, typer.Option(help="some of seg1,...,seg18,test1,...,test5, or all")] = "all",
    density: Annotated[str | None, typer.Option(help="vertices of the cortex: quarter (default) or full")] = None,
    seed: Annotated[int, typer.Option(help="same seed, same bytes; 0 is the shipped dataset")] = 0,
    out: Annotated[Path | None, typer.Option(help="folder; default: the user's cache, where training looks")] = None,
    raw: Annotated[bool, typer.Option(help="write CIFTI runs as cc2017 has them, at full density, 89 MB each")] = False,
    exclude_validation: ExcludeValidation = False,
    ship: Annotated[bool, typer.Option(help="also rewrite the shipped test clips in assets/")] = False,
) -> None:
    """Make the simulated dataset: films shown to simulated brains whose every parameter is written beside the fMRI.

    A stopped run goes on where it was. Example: python -m neuroclips simulate --subjects 1,null --out data/simulated
    """
    from neuroclips.data import simulated
    from neuroclips.preprocessing.layout import parse_films
    from neuroclips.simulation import simulate as simulation

    numbers, names = subjects_of(subjects), parse_films(films)
    asked = {"raw": raw, "density": density, "exclude_validation": exclude_validation, "ship": ship}
    given = {name: flag(name) for name, value in asked.items() if value}
    expect_effect({**asked, "out": out, "subjects": numbers}, given, OF_SIMULATE)
    expect("seed", seed, Seed)
    if raw and out is not None:
        print(simulation.simulate_raw(numbers, out, names, seed))
        return
    density = density or "quarter"
    standard = (films, density, seed, exclude_validation) == ("all", "quarter", 0, False)
    if out is None and not standard:
        raise InputError(
            "got other films, density, seed or voxels than the shipped ones, expected a folder for them: add --out"
        )
    print(simulation.simulate(numbers, out, names, density, seed, exclude_validation))
    if ship:
        print(*(simulated.ship(subject) for subject in numbers), simulated.ship_thumbnails())


def subjects_of(text: str) -> list[int]:
    """Numbers of "1,2,null"; the null subject is 0."""
    from neuroclips.simulation.subjects import NULL

    names = [name.strip() for name in text.split(",")]
    if not all(name == "null" or is_number(name) for name in names) or len(set(names)) < len(names):
        raise InputError(
            f"got subjects {shown(text)}, expected some of 1, 2, 3, null, each once and separated by commas"
        )
    return [NULL if name == "null" else int(name) for name in names]


@app.command()
@one_line_errors
def preprocess(
    raw: Annotated[Path, typer.Option(help="folder with subjectS/fmri/FILM/cifti/FILM_REPEAT_Atlas.dtseries.nii")],
    out: Annotated[Path, typer.Option(help="folder for the arrays and the report")],
    subject: Annotated[str, typer.Option(help="number, or the name of its folder")] = "1",
    films: Annotated[str | None, typer.Option(help="such as seg1,seg2,test1; default: all that are there")] = None,
    alpha: Annotated[float, typer.Option(help="of the selection test after Bonferroni; 1 keeps every vertex")] = 0.05,
    one_sided: Annotated[bool, typer.Option(help="test for positive repeat correlation only")] = False,
    exclude_validation: ExcludeValidation = False,
    delay: Annotated[float, typer.Option(help="hemodynamic delay in seconds, whole volumes of 2 s")] = 4.0,
    volumes: Annotated[int | None, typer.Option(help="of every run; default: cc2017's 245 and 246")] = None,
    drop_first: Annotated[int | None, typer.Option(help="volumes before the film; default: cc2017's 1 and 2")] = None,
    resample: Annotated[bool, typer.Option(help="bring runs of another TR to 2 s by interpolation in time")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print meta.json")] = False,
) -> None:
    """Turn raw cc2017 runs into samples as the paper does (section 4.1), with a report on their quality.

    A stopped run goes on where it was. Example: python -m neuroclips preprocess --raw cc2017 --out data/cc2017
    """
    from neuroclips.preprocessing.build import build
    from neuroclips.preprocessing.clean import PreprocessConfig
    from neuroclips.preprocessing.layout import parse_films
    from neuroclips.preprocessing.lengths import Lengths
    from neuroclips.preprocessing.meta import read_meta
    from neuroclips.preprocessing.quality import write_report
    from neuroclips.preprocessing.raw import RawRuns

    config = PreprocessConfig(alpha, one_sided, delay, exclude_validation)
    given = {name: flag(name) for name in ("one_sided", "exclude_validation") if getattr(config, name)}
    expect_effect(config, given, OF_PREPROCESS)
    expect_folder(out)
    if subject in ("", ".", "..") or Path(subject).name != subject:
        raise InputError(f"got subject {shown(subject)}, expected a number or the name of a folder in {raw}")
    lengths, name = Lengths(volumes, drop_first, resample), int(subject) if is_number(subject) else subject
    source = RawRuns(raw, name, None if films is None else parse_films(films), lengths, config.delay_volumes)
    home = build(source, source.films, out / source.folder, config)
    report = write_report(home)
    meta = read_meta(home)
    print(to_json(meta) if as_json else f"{meta['n_voxels']:,} of {meta['n_tested']:,} vertices in {home}, {report}")

"""The verb that scores anyone's films: score."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from neuroclips.cli.root import app
from neuroclips.errors import InputError
from neuroclips.faults import one_line_errors
from neuroclips.files import to_json
from neuroclips.ranges import Range, expect, shown

JUDGES = ("none", "demo", "paper")


@app.command()
@one_line_errors
def score(
    target: Annotated[Path, typer.Option(help="folder of the true films: GIF, WebP, MP4, WebM ..., folders of PNG")],
    prediction: Annotated[Path, typer.Option(help="folder of films with the same names, whatever their suffixes")],
    protocol: Annotated[
        list[str] | None, typer.Option(help="paper (default), mind-video, ...; can be given again and again")
    ] = None,
    judge: Annotated[str, typer.Option(help="of meaning: none, demo or paper; none scores pixels and motion")] = "none",
    block: Annotated[
        int | None, typer.Option(help="neighbouring clips resampled together, such as 30 of a minute; default: n^(1/3)")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Score films of any making against the true ones, each score with its interval, between floors, with p.

    A film is taken to last as long as its truth: six moments evenly over its duration are scored, whatever its rate.
    Example: python -m neuroclips score --target true --prediction mine --protocol mind-video --judge demo
    """
    from neuroclips.metrics.protocols import protocol_named

    protocols = [protocol_named(name) for name in dict.fromkeys(protocol or ["paper"])]
    if judge not in JUDGES:
        raise InputError(f"got judge {shown(judge)}, expected one of: {', '.join(JUDGES)}")
    if block is not None:
        expect("block", block, Annotated[int, Range(1, 10_000)])
    from neuroclips.evaluation.folder_scores import score_folders
    from neuroclips.evaluation.folders import films_in

    films_in(target), films_in(prediction)  # before judges are loaded
    judges = None if judge == "none" else _judges(judge)
    tables = []
    for chosen in protocols:
        bar = _Bar(chosen.name)
        try:
            tables.append(score_folders(target, prediction, chosen, judges, judge, block, bar))
        finally:
            bar.close()
    if as_json:
        records = [table.record() for table in tables]
        print(to_json(records[0] if len(records) == 1 else {"protocols": records}))
    else:
        print("\n\n".join("\n".join(table.lines()) for table in tables))


def _judges(name: str):
    from neuroclips.zoo import load_judges, zoo_named

    return load_judges(zoo_named(name))


class _Bar:
    """One line on stderr that tells how many pairs are done."""

    def __init__(self, protocol: str):
        self.protocol, self.begun = protocol, False

    def __call__(self, done: int, of: int) -> None:
        self.begun = True
        print(f"\r{self.protocol}: {done} of {of} pairs", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        if self.begun:
            print(file=sys.stderr)

"""The verb that times reconstructions: bench."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from neuroclips.cli.options import Setting, Solver, Start, VideoSteps
from neuroclips.cli.reconstruction import of_video, settings_of
from neuroclips.cli.root import app
from neuroclips.cli.tables import OF_BENCH
from neuroclips.effects import expect_effect, flag
from neuroclips.errors import InputError
from neuroclips.faults import one_line_errors
from neuroclips.files import to_json
from neuroclips.ranges import Count, Positive, expect, is_number, shown

CLIPS, SUBJECT = 5, 1
PIXELS, BATCH, SECONDS = "256,512", "4,8", 300.0


@app.command()
@one_line_errors
def bench(
    clips: Annotated[int | None, typer.Option(help=f"shipped clips to time, after one; default: {CLIPS}")] = None,
    subject: Annotated[int | None, typer.Option(help=f"whose brain; default: {SUBJECT}")] = None,
    video_steps: VideoSteps = None,
    start: Start = None,
    solver: Solver = None,
    setting: Setting = None,
    zoo: Annotated[str, typer.Option(help="demo, or paper with --random-weights")] = "demo",
    random_weights: Annotated[
        bool, typer.Option("--random-weights", help="the paper's models at their real sizes, untrained, on a GPU")
    ] = False,
    pixels: Annotated[str | None, typer.Option(help=f"edges of films, by commas; default: {PIXELS}")] = None,
    batch: Annotated[str | None, typer.Option(help=f"clips at once, besides 1; default: {BATCH}")] = None,
    seconds: Annotated[float | None, typer.Option(help=f"in which it ends, about; default: {SECONDS:g}")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object; with random weights one a row")] = False,
) -> None:
    """Time live reconstructions, step by step; with random weights, what each measure gains and what memory it takes.

    Example: python -m neuroclips bench --clips 5
    On a GPU: python -m neuroclips bench --zoo paper --random-weights
    """
    given = {"clips": clips, "subject": subject, **of_bench(video_steps, start, solver, setting)}
    chosen = given | {"pixels": pixels, "batch": batch, "seconds": seconds, "random_weights": random_weights or None}
    typed = {name: flag(name) for name, value in chosen.items() if value is not None}
    expect_effect(chosen | {"zoo": zoo}, typed, OF_BENCH)
    if random_weights:
        _bench_random(pixels or PIXELS, batch or BATCH, SECONDS if seconds is None else seconds, as_json)
        return
    if zoo != "demo":
        raise InputError(f"got --zoo {zoo}, expected demo, whose clips are shipped: or add --random-weights to paper")
    from neuroclips.bench import shipped
    from neuroclips.zoo import DEFAULT

    settings = settings_of(DEFAULT, of_video(video_steps, start, solver), setting)
    table = shipped.seconds_per_step(
        CLIPS if clips is None else clips, SUBJECT if subject is None else subject, settings
    )
    lines = [f"{step:14} {seconds:6.2f} s" for step, seconds in table.items()]
    print(to_json(table) if as_json else "\n".join([*lines, shipped.machine()]))


def of_bench(steps: int | None, start: float | None, solver: str | None, words: list[str] | None) -> dict[str, Any]:
    return {"video_steps": steps, "start": start, "solver": solver, "set": words or None}


def _bench_random(pixels: str, batch: str, seconds: float, as_json: bool) -> None:
    sizes, batches = numbers("pixels", pixels), numbers("batch", batch)
    expect("seconds", seconds, Positive)
    from neuroclips.bench import paper, report
    from neuroclips.bench.random_zoo import RandomZoo

    rows = []
    for row in paper.run(RandomZoo(paper.gpu()), sizes, batches, seconds):
        rows.append(row)
        if as_json:
            print(json.dumps(row), flush=True)
        else:
            typer.echo(report.said(row), err=True)
    if not as_json:
        print("\n".join(report.lines(rows)))


def numbers(name: str, text: str) -> list[int]:
    """Numbers typed by commas, each once. Raises InputError for anything else."""
    words = [word.strip() for word in text.split(",")]
    if not all(map(is_number, words)) or len(set(words)) < len(words):
        raise InputError(f"got {name} {shown(text)}, expected numbers by commas, each once")
    for word in words:
        expect(name, int(word), Count)
    return [int(word) for word in words]

"""Tables of docs/results.md: the paper zoo at its real sizes with random weights, on a GPU."""

from __future__ import annotations

from tabulation import stored, table

from neuroclips.bench.report import HEAD
from neuroclips.bench.report import table as cells
from neuroclips.bench.rows import FEW, JUDGED

NOTHING = "Not measured yet."
SECTION = "random weights"


def speed() -> str:
    """Every row that was measured, with its gain over the released settings at its size."""
    if SECTION not in stored("paper_zoo"):
        return NOTHING
    made = stored("paper_zoo")[SECTION]
    found = made["rows"]
    head, *lines = cells(found["rows"])
    assert head == HEAD
    note = (
        f"One {found['card']}, torch {found['torch']}, version {made['version']}, {found['built']:,.0f} M random "
        f"weights. In {FEW} steps (DPM-Solver++, keyframe and film): {JUDGED}. The noise of a clip takes the CPU "
        f"{1000 * found['noise drawn on the CPU']:.0f} ms."
    )
    return table(head, lines, note)


def checks() -> str:
    """What was computed twice, and how far apart that is."""
    found = stored("paper_zoo").get(SECTION, {}).get("rows", {}).get("checks", [])
    if not found:
        return NOTHING
    rows = [[x["check"], *(_shown(x.get(name)) for name in MEASURES)] for x in found]
    return table(["", *MEASURES], rows)


MEASURES = ("relative error", "grey values, mean", "grey values, most")


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.2g}"


TABLES = {"paper_zoo": speed, "paper_zoo_checks": checks}

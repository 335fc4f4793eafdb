"""Table 4 of the paper: keyframe and fMRI retrieval of every subject, with chance."""

from __future__ import annotations

from neuroclips.evaluation.report.shape import Number, label, number, of, part, people
from neuroclips.evaluation.report.table import Cell, Column, Row, Table
from neuroclips.evaluation.report.tables import called

POOL = 300  # of the paper's table 4


def table_4(report: dict) -> Table | None:
    """Keyframe and fMRI retrieval, top-1, of each subject, with chance."""
    whos = [who for who in people(report) if part(of(report, who), "retrieval", "keyframe")]
    if not whos:
        return None
    size, odds = max((_at_pool(report, who, "keyframe")[1:] for who in whos), key=lambda found: found[0])
    rows = [Row(called(who), tuple(_retrieval(report, who, kind) for kind in ("keyframe", "fmri"))) for who in whos]
    swapped = [
        Row(called(w), (_retrieval(report, w, "swapped"), Cell()), "control", "fMRI of another film") for w in whos
    ]
    shown = [row for row in swapped if row.cells[0].number]
    rows += [*shown, Row("chance", (Cell(text=f"{odds:.2%}"),) * 2, "chance", "What guessing scores")]
    columns = (Column("Keyframe retrieval ↑"), Column("fMRI retrieval ↑"))
    caption = f"Top-1 retrieval in pools of {size} clips ({label(report)})."
    return Table("table4", caption, "Subject", columns, tuple(rows), ("Brackets are the 95 % interval.",))


def _at_pool(report: dict, who: str, kind: str) -> tuple[Number | None, int, float]:
    """Top-1 in the pool of the paper's size, or the largest below it; that size; chance."""
    found = part(of(report, who), "retrieval", kind)
    sizes = found.get("pools") or []
    fitting = [i for i, size in enumerate(sizes) if size <= POOL]
    if not fitting:
        return None, 0, 0.0
    i = fitting[-1]
    there = {"value": found["top1"][i], "ci": (found.get("ci") or [None] * len(sizes))[i]}
    return number(there), sizes[i], found["chance"][i] if "chance" in found else 1 / sizes[i]


def _retrieval(report: dict, who: str, kind: str) -> Cell:
    found = _at_pool(report, who, kind)[0]
    return Cell(found, form=".1%")

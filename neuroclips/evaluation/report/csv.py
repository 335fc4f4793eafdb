"""Tables as comma-separated values, a number in a cell of its own: value, low, high, sd of every column."""

from __future__ import annotations

import csv
import io

from neuroclips.evaluation.report.table import Cell, Table

PARTS = ("", "low", "high", "sd", "remarks")


def comma_separated(table: Table) -> str:
    """Rows as text; numbers are not rounded, and what is missing is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    heads = [" ".join(filter(None, (*column.head, column.label))) for column in table.columns]
    writer.writerow(["section", "row", "kind", *(f"{head} {part}".strip() for head in heads for part in PARTS)])
    for row in table.rows:
        writer.writerow([row.section, row.label, row.kind, *(value for cell in row.cells for value in _values(cell))])
    return out.getvalue()


def _values(cell: Cell) -> list[object]:
    found, told = cell.number, "; ".join(filter(None, cell.remarks))
    if found is None:
        return [cell.text, "", "", "", told]
    return [*("" if x is None else x for x in (found.value, found.low, found.high, found.sd)), told]

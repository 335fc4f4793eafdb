"""Tables as HTML: heads above groups of columns, sections of rows, numbers with intervals below them."""

from __future__ import annotations

from neuroclips.evaluation.report.markup import Markup, joined, tag
from neuroclips.evaluation.report.table import Cell, Row, Table


def web_table(table: Table, look: str = "numbers") -> Markup:
    """A table in a frame that scrolls by itself where the page is narrow, its caption above and its notes below."""
    heads = [_heads(table, level) for level in (0, 1) if table.heads(level)]
    names = tag("tr", tag("th", table.first, scope="col"), *(tag("th", c.label, scope="col") for c in table.columns))
    bodies = [
        tag("tbody", *([_section(title, len(table.columns))] if title else []), *map(_row, rows))
        for title, rows in table.sections()
    ]
    whole = tag("table", tag("caption", table.caption), tag("thead", *heads, names), *bodies, class_=look)
    notes = tag("ul", *(tag("li", note) for note in table.notes), class_="notes") if table.notes else None
    return joined(tag("div", whole, class_="wide", tabindex=0, role="region", aria_label=table.caption), notes)


def _heads(table: Table, level: int) -> Markup:
    cells = (
        tag("th", text, colspan=width, scope="colgroup") if text else tag("td", colspan=width)
        for text, width in table.heads(level)
    )
    return tag("tr", tag("td"), *cells)


def _section(title: str, n_columns: int) -> Markup:
    return tag("tr", tag("th", title, colspan=n_columns + 1, scope="rowgroup"), class_="section")


def _row(row: Row) -> Markup:
    return tag("tr", tag("th", row.label, scope="row"), *map(_cell, row.cells), class_=row.kind)


def _cell(cell: Cell) -> Markup:
    return tag("td", cell.first, *(tag("small", text) for text in cell.below))

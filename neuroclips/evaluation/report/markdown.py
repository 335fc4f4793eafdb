"""Tables as Markdown."""

from __future__ import annotations

from neuroclips.evaluation.report.table import Cell, Table


def markdown(table: Table) -> str:
    """A caption, a table and its notes; heads of columns and sections of rows become words of their labels."""
    heads = [" ".join(filter(None, (*column.head, column.label))) for column in table.columns]
    lines = [_line([table.first, *heads]), _line(["---"] * (len(heads) + 1))]
    for section, rows in table.sections():
        lines += [_line([f"**{_text(section)}**", *[""] * len(heads)])] if section else []
        lines += [_line([_text(row.label), *map(_cell, row.cells)]) for row in rows]
    notes = "\n".join(f"- {_text(note)}" for note in table.notes)
    return f"**{_text(table.caption)}**\n\n" + "\n".join(lines) + f"\n\n{notes}".rstrip() + "\n"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell) -> str:
    told = " ".join(filter(None, (cell.first, cell.second)))
    return _text("; ".join((told, *filter(None, cell.remarks))))


def _text(text: str) -> str:
    """What would be markup, as it is: bars end cells, stars and underscores are emphasis."""
    for mark in "\\|*_`<":
        text = text.replace(mark, f"\\{mark}")
    return text

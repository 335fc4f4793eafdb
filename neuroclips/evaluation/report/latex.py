"""Tables as LaTeX: booktabs, and resizebox of graphicx, for they are wide."""

from __future__ import annotations

import re

from neuroclips.evaluation.report.table import Cell, Row, Table

ESCAPED = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "±": r"$\pm$", "↑": r"$\uparrow$", "↓": r"$\downarrow$",
    "–": "--", "−": "$-$", "<": "$<$", ">": "$>$", "≤": r"$\le$", "†": r"$\dagger$", "×": r"$\times$", "’": "'",
    '"': "''",
}  # fmt: skip

MINUS = re.compile(r"(?<![\w.])-(?=\d)")


def latex(table: Table) -> str:
    """A `table` environment; its preamble needs booktabs and graphicx."""
    n = len(table.columns)
    heads = [line for level in (0, 1) for line in _heads(table.heads(level))]
    body = [line for i, (section, rows) in enumerate(table.sections()) for line in _section(section, rows, n, i > 0)]
    lines = [
        r"% \usepackage{booktabs,graphicx}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{escaped(table.caption)}}}",
        rf"\label{{tab:{table.name}}}",
        r"\resizebox{\textwidth}{!}{%",
        rf"\begin{{tabular}}{{l{'c' * n}}}",
        r"\toprule",
        *heads,
        _line([escaped(table.first), *(escaped(column.label) for column in table.columns)]),
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}}",
        *([rf"\par\smallskip\footnotesize {escaped(' '.join(table.notes))}"] if table.notes else []),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text that LaTeX prints as it is."""
    return "".join(ESCAPED.get(letter, letter) for letter in MINUS.sub("−", text))


def _heads(spans: list[tuple[str, int]]) -> list[str]:
    """A line of heads and the rules below them; no line for no heads."""
    if not spans:
        return []
    rules, first = [], 2
    for text, width in spans:
        rules += [rf"\cmidrule(lr){{{first}-{first + width - 1}}}"] if text else []
        first += width
    return [_line(["", *(rf"\multicolumn{{{width}}}{{c}}{{{escaped(text)}}}" for text, width in spans)]), *rules]


def _section(title: str, rows: list[Row], n_columns: int, rule: bool) -> list[str]:
    head = [rf"\multicolumn{{{n_columns + 1}}}{{l}}{{\emph{{{escaped(title)}}}}} \\"] if title else []
    body = [_line([escaped(row.label), *map(_cell, row.cells)]) + r"\addlinespace" for row in rows]
    return [*([r"\midrule"] if rule else []), *head, *body]


def _line(cells: list[str]) -> str:
    return " & ".join(cells) + r" \\"


def _cell(cell: Cell) -> str:
    if not cell.below:
        return escaped(cell.first)
    small = (rf"\\{{\scriptsize {escaped(text)}}}" for text in cell.below)
    return rf"\begin{{tabular}}[t]{{@{{}}c@{{}}}}{escaped(cell.first)}{''.join(small)}\end{{tabular}}"

"""What a table is, whatever it is printed as: columns under two heads, sections of rows, cells that hold numbers."""

from __future__ import annotations

from dataclasses import dataclass

from neuroclips.evaluation.report.shape import Number

NOTHING = "–"


@dataclass(frozen=True)
class Cell:
    """A number and how it is written, or a text; below either remarks such as a p value."""

    number: Number | None = None
    text: str = ""
    form: str = ".3f"
    remarks: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        """The number with its spread, or the text."""
        if self.number is None:
            return self.text or NOTHING
        spread = "" if self.number.sd is None else f" ± {self.number.sd:{self.form}}"
        return f"{self.number.value:{self.form}}{spread}"

    @property
    def second(self) -> str:
        """The interval, empty beside a text."""
        return "" if self.number is None else self.number.interval(self.form)

    @property
    def below(self) -> list[str]:
        """The interval and the remarks, those that are there."""
        return [text for text in (self.second, *self.remarks) if text]


@dataclass(frozen=True)
class Row:
    """kind : "result", "ablation", "control", "floor", "ceiling", "chance", "difference" or "published"."""

    label: str
    cells: tuple[Cell, ...]
    kind: str = "result"
    section: str = ""


@dataclass(frozen=True)
class Column:
    label: str
    head: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Table:
    """name : of its files. caption : what it shows and of which data. notes : a sentence each, below it."""

    name: str
    caption: str
    first: str  # what the labels of rows are
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def heads(self, level: int) -> list[tuple[str, int]]:
        """The heads of one level with the number of columns that each stands above; empty where there are none."""
        spans: list[tuple[str, int]] = []
        before: tuple[str, ...] = ()
        for column in self.columns:
            if spans and column.head[: level + 1] == before:
                spans[-1] = (spans[-1][0], spans[-1][1] + 1)
            else:
                spans.append((column.head[level], 1))
            before = column.head[: level + 1]
        return spans if any(text for text, _ in spans) else []

    def sections(self) -> list[tuple[str, list[Row]]]:
        """Rows that follow each other under one heading."""
        found: list[tuple[str, list[Row]]] = []
        for row in self.rows:
            if not found or found[-1][0] != row.section:
                found.append((row.section, []))
            found[-1][1].append(row)
        return found

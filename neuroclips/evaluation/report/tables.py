"""Table 1 of the paper, with controls, floors, ceiling and chance below, and what other tables share with it."""

from __future__ import annotations

from neuroclips.evaluation.report.shape import (
    FULL,
    MEAN,
    chance,
    conditions,
    form,
    group,
    label,
    metrics,
    name_of,
    overall,
    part,
    people,
    score,
    titled,
)
from neuroclips.evaluation.report.table import Cell, Column, Row, Table

SPREAD = (
    "± is the spread over clips (of a mean over subjects: over subjects), brackets are the 95 % interval of the mean."
)
BELOW = {"control": "Controls", "floor": "Floors", "ceiling": "Ceiling"}


def table_1(report: dict, protocol: str) -> Table:
    """One row for each subject and their mean, then controls, floors, ceiling and chance."""
    names, whole = metrics(report, protocol), overall(report)
    rows = [scored_row(report, who, protocol, FULL, called(who), "result", "NeuroClips") for who in people(report)]
    for kind, title in BELOW.items():
        section = f"{title}, {called(whole)}"
        rows += [
            scored_row(report, whole, protocol, c, name_of(c), kind, section) for c in _of_kind(report, protocol, kind)
        ]
    rows.append(Row("chance", tuple(_chance(name, protocol) for name in names), "chance", "What guessing scores"))
    n = part(conditions(report, whole, protocol), FULL).get("n")
    caption = f"Scores by protocol {protocol} ({label(report)}{f'; {n} clips a subject' if n else ''})."
    notes = (SPREAD, f"Means of what was measured on {label(report)}: they cannot be compared with published ones.")
    return Table(f"table1-{protocol}", caption, "Method", columns_of(names), tuple(rows), notes)


def scored_row(report: dict, who: str, protocol: str, condition: str, title: str, kind: str, section: str) -> Row:
    found = ((name, score(report, who, protocol, condition, name)) for name in metrics(report, protocol))
    return Row(
        f"{title}{_fewer(report, who, protocol, condition)}",
        tuple(Cell(value, form=form(name)) for name, value in found),
        kind,
        section,
    )


def _fewer(report: dict, who: str, protocol: str, condition: str) -> str:
    """How many clips a row is of, where they are not those of the full model."""
    there = conditions(report, who, protocol)
    n, all_of_them = (part(there, name).get("n") for name in (condition, FULL))
    return "" if n in (None, all_of_them) else f" (n = {n})"


def _of_kind(report: dict, protocol: str, kind: str) -> list[str]:
    found = conditions(report, overall(report), protocol)
    return [name for name, told in found.items() if told.get("kind") == kind]


def _chance(metric: str, protocol: str) -> Cell:
    odds = chance(metric, protocol)
    return Cell() if odds is None else Cell(text=f"{odds:.3f}")


def columns_of(names: list[str]) -> tuple[Column, ...]:
    return tuple(Column(titled(name), group(name)) for name in names)


def called(who: str) -> str:
    return "mean of subjects" if who == MEAN else f"subject {who}"

"""Published results beside ours, under one protocol at a time and marked as of other data and other judges."""

from __future__ import annotations

from neuroclips.evaluation.published import PUBLISHED, Published, stands_for, under
from neuroclips.evaluation.report.shape import (
    FULL,
    about,
    chance,
    form,
    in_order,
    label,
    metrics,
    overall,
    score,
)
from neuroclips.evaluation.report.table import Cell, Row, Table
from neuroclips.evaluation.report.tables import columns_of

OTHER = "Other data (cc2017) and other judges: not comparable with ours."


def published(report: dict, protocol: str) -> Table | None:
    """Published results of one protocol, and ours below them, marked as what they are."""
    rows = under(protocol)
    if not rows or not metrics(report, protocol):
        return None
    names = _columns(rows)
    theirs = [_published(row, names) for row in rows]
    mine = tuple(_ours(report, protocol, name) for name in names)
    chances = tuple(_chance(name, protocol) for name in names)
    shown = [*theirs, Row("NeuroClips here", mine, "result", f"Ours: {label(report)}"),
             Row("chance", chances, "chance", "What guessing scores")]  # fmt: skip
    caption = f"Published results of protocol {protocol}. {OTHER}"
    return Table(f"published-{protocol}", caption, "Method", columns_of(names), tuple(shown), _notes(rows))


def without_protocol() -> Table:
    """Published results that no program here makes again."""
    rows = [row for row in PUBLISHED if row.protocol is None]
    names = _columns(rows)
    caption = f"Published results whose program is not known, beside nothing of ours. {OTHER}"
    theirs = tuple(_published(row, names) for row in rows)
    return Table("published-unknown", caption, "Method", columns_of(names), theirs, _notes(rows))


def _columns(rows: list[Published]) -> list[str]:
    """The metrics that any of these was scored by."""
    return in_order(dict.fromkeys(name for row in rows for name in row.scores))


def _published(row: Published, names: list[str]) -> Row:
    cells = tuple(Cell(text=f"{row.scores[n]:{form(n)}}" if n in row.scores else "") for n in names)
    return Row(f"{row.method} ({row.venue})" + ("" if row.checked else " †"), cells, "published", "Published, cc2017")


def _ours(report: dict, protocol: str, name: str) -> Cell:
    """Our score in the column of this name, or that of the judge which stands for its own."""
    for ours in sorted(metrics(report, protocol), key=lambda mine: mine != name):
        if stands_for(ours) != name:
            continue
        if there := score(report, overall(report), protocol, FULL, ours):
            return Cell(there, form=form(ours), remarks=_instead(ours, name, protocol))
    return Cell()


def _instead(ours: str, name: str, protocol: str) -> tuple[str, ...]:
    """What stands in a column that has another's name."""
    odds = chance(ours, protocol)
    return () if ours == name else (about(ours).label, "" if odds is None else f"chance {odds:.3f}")


def _chance(name: str, protocol: str) -> Cell:
    odds = chance(name, protocol)
    return Cell() if odds is None else Cell(text=f"{odds:.3f}")


def _notes(rows: list[Published]) -> tuple[str, ...]:
    told = tuple(f"{row.method}: {row.source}" + (f" ({row.note})." if row.note else ".") for row in rows)
    return (
        *told,
        *(("† Read in notes about the paper, not in the paper itself.",) if not all(r.checked for r in rows) else ()),
    )

"""Tables that are ours alone: protocols side by side, published results beside ours, words, and the leak card."""

from __future__ import annotations

from neuroclips.evaluation.published import PUBLISHED, Published, stands_for, under
from neuroclips.evaluation.report.markup import Markup, tag
from neuroclips.evaluation.report.shape import (
    FULL,
    about,
    chance,
    form,
    group,
    in_order,
    label,
    metrics,
    name_of,
    number,
    of,
    overall,
    part,
    protocols,
    score,
    titled,
)
from neuroclips.evaluation.report.table import Cell, Column, Row, Table
from neuroclips.metrics.protocols import PROTOCOLS

OTHER = "Other data (cc2017) and other judges: not comparable with ours."
MARKS = {True: ("passed", "✓"), False: ("failed", "✗"), None: ("unknown", "?")}


def protocols_of(names: list[str]) -> Table:
    """The protocols and what is peculiar to each."""
    rows = (
        Row(name, (Cell(text=PROTOCOLS[name].source), Cell(text=" ".join(PROTOCOLS[name].oddities) or "none known")))
        for name in names
        if name in PROTOCOLS
    )
    caption = "What each protocol copies from the program that it is named after."
    return Table("protocols", caption, "Protocol", (Column("Whose"), Column("Oddities, kept on purpose")), tuple(rows))


def side_by_side(report: dict) -> Table | None:
    """The same films under every protocol: how much a score depends on who computes it."""
    names = protocols(report)
    who = overall(report)
    shown = in_order(dict.fromkeys(metric for name in names for metric in metrics(report, name)))
    if len(names) < 2:
        return None
    rows = []
    for condition in (FULL, "shuffled", "flat"):
        for name in names:
            cells = tuple(Cell(score(report, who, name, condition, metric), form=form(metric)) for metric in shown)
            rows += [Row(name, cells, "result", name_of(condition))] if any(cell.number for cell in cells) else []
    caption = f"The same films under {len(names)} protocols ({label(report)})."
    notes = ("Numbers in one column go by one name and are different measures: compare within a protocol only.",)
    return Table("protocols-side-by-side", caption, "Protocol", _heads(shown), tuple(rows), notes)


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
    return Table(f"published-{protocol}", caption, "Method", _heads(names), tuple(shown), _notes(rows))


def without_protocol() -> Table:
    """Published results that no program here makes again."""
    rows = [row for row in PUBLISHED if row.protocol is None]
    names = _columns(rows)
    caption = f"Published results whose program is not known, beside nothing of ours. {OTHER}"
    theirs = tuple(_published(row, names) for row in rows)
    return Table("published-unknown", caption, "Method", _heads(names), theirs, _notes(rows))


def words(report: dict) -> Table | None:
    """What captions say of object, scene and action, and how near they are to reference captions."""
    rows = []
    for who in part(report, "subjects"):
        for name, found in part(of(report, who), "words").items():
            if (there := number(found)) is not None:
                ends = tuple(_bare(found.get(key)) for key in ("chance", "ceiling"))
                rows.append(Row(name.replace("_", " "), (Cell(there), *ends), "result", f"subject {who}"))
    columns = (Column("Score ↑"), Column("Chance"), Column("Ceiling"))
    return (
        Table("words", f"Captions against simulated labels ({label(report)}).", "What", columns, tuple(rows))
        if rows
        else None
    )


def leaks(report: dict) -> Markup | None:
    """The leak card: what was looked for, whether it is well, what was found."""
    found = report.get("leaks") or []
    items = []
    for leak in found:
        look, mark = MARKS[leak.get("passed")]
        items.append(tag("li", tag("b", f"{mark} {look}: ", class_=look), tag("b", leak["check"]), " ", leak["found"]))
    return tag("ul", *items, class_="leaks") if items else None


def _heads(names: list[str]) -> tuple[Column, ...]:
    return tuple(Column(titled(name), group(name)) for name in names)


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


def _bare(value: float | None) -> Cell:
    return Cell() if value is None else Cell(text=f"{value:.3f}")


def _notes(rows: list[Published]) -> tuple[str, ...]:
    told = tuple(f"{row.method}: {row.source}" + (f" ({row.note})." if row.note else ".") for row in rows)
    return (
        *told,
        *(("† Read in notes about the paper, not in the paper itself.",) if not all(r.checked for r in rows) else ()),
    )

"""Tables that are ours alone: protocols side by side, words, novelty, and the leak card."""

from __future__ import annotations

from neuroclips.evaluation.report.markup import Markup, tag
from neuroclips.evaluation.report.shape import (
    FULL,
    about,
    chance,
    form,
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
)
from neuroclips.evaluation.report.table import Cell, Column, Row, Table
from neuroclips.evaluation.report.tables import columns_of
from neuroclips.metrics.protocols import PROTOCOLS

THIRDS = ("near", "middle", "far")
MARKS = {True: ("passed", "✓"), False: ("failed", "✗"), None: ("unknown", "?")}


def protocols_of(names: list[str]) -> Table:
    """The protocols and what is peculiar to each."""
    rows = (
        Row(name, (Cell(text=PROTOCOLS[name].source), Cell(text=" ".join(PROTOCOLS[name].notes) or "none known")))
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
    odds = {name: tuple(_chance(metric, name) for metric in shown) for name in names}
    rows += [Row(name, cells, "chance", "What guessing scores") for name, cells in odds.items()]
    caption = f"The same films under {len(names)} protocols ({label(report)})."
    notes = ("Numbers in one column go by one name and are different measures: compare within a protocol only.",)
    return Table("protocols-side-by-side", caption, "Protocol", columns_of(shown), tuple(rows), notes)


def _chance(metric: str, protocol: str) -> Cell:
    """Chance under a protocol that has the metric."""
    there = protocol in PROTOCOLS and metric in PROTOCOLS[protocol].metrics
    return _bare(chance(metric, protocol) if there else None)


def words(report: dict) -> Table | None:
    """What captions say of object, scene and action, and how near they are to reference captions."""
    rows = []
    for who in part(report, "subjects"):
        for name, found in part(of(report, who), "words").items():
            if (there := number(found)) is not None:
                ends = tuple(_bare(found.get(key)) for key in ("chance", "shuffled", "ceiling"))
                rows.append(Row(name.replace("_", " "), (Cell(there), *ends), "result", f"subject {who}"))
    columns = (Column("Score ↑"), Column("Chance"), Column("Shuffled"), Column("Ceiling"))
    caption = f"Captions against simulated labels and reference captions ({label(report)})."
    notes = (
        "Chance: the most frequent label for every clip. Shuffled: the words of other clips of the film. Ceiling: the "
        "same captioner on true frames.",
    )
    return Table("words", caption, "What", columns, tuple(rows), notes) if rows else None


def novelty(report: dict) -> Table | None:
    """Scores of the clips that are nearest to a training clip, of those in the middle and of the farthest."""
    rows = []
    for who in part(report, "subjects"):
        for name, found in part(of(report, who), "spurious", "nearest", "by distance").items():
            slope = Cell(number({"value": found["slope"], "ci": found.get("slope ci")}), form=f"+{form(name)}")
            thirds = tuple(Cell(number(part(found, "thirds", third)), form=form(name)) for third in THIRDS)
            rows.append(Row(about(name).title, (*thirds, slope), "result", f"subject {who}"))
    columns = (*(Column(f"{third} third") for third in THIRDS), Column("Slope"))
    caption = f"Scores by distance to the nearest training clip ({label(report)})."
    notes = ("Distance: 1 less the cosine of CLIP embeddings of middle frames. Slope: per standard deviation of it.",)
    return Table("novelty", caption, "Score", columns, tuple(rows), notes) if rows else None


def dimension(report: dict) -> Table | None:
    """In how many directions predicted and true embeddings vary."""
    rows = []
    for who in part(report, "subjects"):
        found = part(of(report, who), "spurious", "dimension")
        if found:
            rows.append(Row(f"subject {who}", tuple(Cell(text=f"{found[key]:.1f}") for key in ("predicted", "true"))))
    caption = f"Effective dimension of embeddings, the participation ratio of their variances ({label(report)})."
    return Table("dimension", caption, "Subject", (Column("Predicted"), Column("True")), tuple(rows)) if rows else None


def leaks(report: dict) -> Markup | None:
    """The leak card: what was looked for, whether it is well, what was found."""
    found = report.get("leaks") or []
    items = []
    for leak in found:
        look, mark = MARKS[leak.get("passed")]
        items.append(tag("li", tag("b", f"{mark} {look}: ", class_=look), tag("b", leak["check"]), " ", leak["found"]))
    return tag("ul", *items, class_="leaks") if items else None


def _bare(value: float | None) -> Cell:
    return Cell() if value is None else Cell(text=f"{value:.3f}")

"""The paper's tables 1, 2 and 4 of a report, with floors, ceilings, chance and intervals beside them."""

from __future__ import annotations

from neuroclips.evaluation.conditions import ABLATIONS
from neuroclips.evaluation.published import direction
from neuroclips.evaluation.report.shape import (
    FULL,
    MEAN,
    Number,
    chance,
    conditions,
    form,
    group,
    label,
    metrics,
    name_of,
    number,
    of,
    overall,
    part,
    people,
    protocols,
    score,
    titled,
)
from neuroclips.evaluation.report.table import Cell, Column, Row, Table

SPREAD = (
    "± is the spread over clips (of a mean over subjects: over subjects), brackets are the 95 % interval of the mean."
)
SIGNS = (
    '"as in the paper": the sign of its table 2 (subject 1), and the interval excludes 0; "reversed": the other sign; '
    '"undecided": the interval includes 0.'
)
VERDICTS = ("as in the paper", "reversed", "undecided")
POOL = 300  # of the paper's table 4
BELOW = {"control": "Controls", "floor": "Floors", "ceiling": "Ceiling"}


def tables(report: dict) -> list[Table]:
    """Every table that the report has the numbers of: table 1 and 2 of each protocol, table 4."""
    found = [kind(report, protocol) for protocol in protocols(report) for kind in (table_1, directions, table_2)]
    return [table for table in (*found, table_4(report)) if table]


def table_1(report: dict, protocol: str) -> Table:
    """One row for each subject and their mean, then controls, floors, ceiling and chance."""
    names, whole = metrics(report, protocol), overall(report)
    rows = [_row(report, who, protocol, FULL, _who(who), "result", "NeuroClips") for who in people(report)]
    for kind, title in BELOW.items():
        section = f"{title}, {_who(whole)}"
        rows += [_row(report, whole, protocol, c, name_of(c), kind, section) for c in _of_kind(report, protocol, kind)]
    rows.append(Row("chance", tuple(_chance(name, protocol) for name in names), "chance", "What guessing scores"))
    n = part(conditions(report, whole, protocol), FULL).get("n")
    caption = f"Scores by protocol {protocol} ({label(report)}{f'; {n} clips a subject' if n else ''})."
    notes = (SPREAD, f"Means of what was measured on {label(report)}: they cannot be compared with published ones.")
    return Table(f"table1-{protocol}", caption, "Method", _columns(names), tuple(rows), notes)


def table_2(report: dict, protocol: str) -> Table | None:
    """What each part adds: ablations, the full model, and what it has more on the same clips."""
    rows = [row for who in people(report) for row in _ablations(report, who, protocol)]
    if not rows:
        return None
    caption = f"Ablations by protocol {protocol} ({label(report)})."
    notes = (
        SPREAD,
        "Differences are full less ablation on the clips that both have, with p of no difference, not corrected for "
        "the number of tests.",
        SIGNS,
    )
    return Table(f"table2-{protocol}", caption, "Method", _columns(metrics(report, protocol)), tuple(rows), notes)


def directions(report: dict, protocol: str) -> Table | None:
    """Whether the signs of the paper's table 2 hold: of each subject, as counts."""
    told = [name for name in metrics(report, protocol) if direction(ABLATIONS[0], name) is not None]
    there = [name for name in ABLATIONS if any(_verdicts(report, protocol, name, metric) for metric in told)]
    if not there:
        return None
    rows = tuple(Row(f"full less {name_of(a)}", tuple(_direction(report, protocol, a, m) for m in told)) for a in there)
    caption = f"Do the paper's directions hold? Protocol {protocol} ({label(report)}), count of subjects."
    notes = ("First what the paper's full model has more than its ablation (table 2, subject 1, cc2017).", SIGNS)
    return Table(f"table2-directions-{protocol}", caption, "Difference", _columns(told), rows, notes)


def _direction(report: dict, protocol: str, ablation: str, metric: str) -> Cell:
    verdicts = _verdicts(report, protocol, ablation, metric)
    counts = tuple(f"{word}: {verdicts.count(word)}" for word in VERDICTS if word in verdicts)
    return Cell(text=f"paper {direction(ablation, metric):+{form(metric)}}", remarks=counts)


def _verdicts(report: dict, protocol: str, ablation: str, metric: str) -> list[str]:
    found = (difference(report, who, protocol, ablation, metric) for who in part(report, "subjects"))
    return [verdict(there[0], direction(ablation, metric)) for there in found if there]


def table_4(report: dict) -> Table | None:
    """Keyframe and fMRI retrieval, top-1, of each subject, with chance."""
    whos = [who for who in people(report) if part(of(report, who), "retrieval", "keyframe")]
    if not whos:
        return None
    size, odds = max((_at_pool(report, who, "keyframe")[1:] for who in whos), key=lambda found: found[0])
    rows = [Row(_who(who), tuple(_retrieval(report, who, kind) for kind in ("keyframe", "fmri"))) for who in whos]
    swapped = [
        Row(_who(w), (_retrieval(report, w, "swapped"), Cell()), "control", "fMRI of another film") for w in whos
    ]
    shown = [row for row in swapped if row.cells[0].number]
    rows += [*shown, Row("chance", (Cell(text=f"{odds:.2%}"),) * 2, "chance", "What guessing scores")]
    columns = (Column("Keyframe retrieval ↑"), Column("fMRI retrieval ↑"))
    caption = f"Top-1 retrieval in pools of {size} clips ({label(report)})."
    return Table("table4", caption, "Subject", columns, tuple(rows), ("Brackets are the 95 % interval.",))


def verdict(found: Number, paper: float | None) -> str:
    """Whether a difference goes the way of the paper's; nothing where the paper has none."""
    if paper is None:
        return ""
    if found.low is None or found.high is None or found.low <= 0 <= found.high:
        return VERDICTS[2]
    return VERDICTS[0] if (found.value > 0) == (paper > 0) else VERDICTS[1]


def difference(report: dict, who: str, protocol: str, ablation: str, metric: str) -> tuple[Number, float | None] | None:
    """What "full" has more than an ablation on the clips of both, and p of no difference."""
    found = part(of(report, who), "protocols", protocol, "differences", ablation, metric)
    there = number(found)
    if there is None:
        return None
    return there, None if found.get("p") is None else float(found["p"])


def _ablations(report: dict, who: str, protocol: str) -> list[Row]:
    there = [name for name in ABLATIONS if name in conditions(report, who, protocol)]
    rows = []
    for name in there:
        rows.append(_row(report, who, protocol, name, name_of(name), "ablation", _who(who)))
        cells = tuple(_difference(report, who, protocol, name, metric) for metric in metrics(report, protocol))
        rows += [Row("full less this", cells, "difference", _who(who))] if any(cell.number for cell in cells) else []
    return [*rows, _row(report, who, protocol, FULL, name_of(FULL), "result", _who(who))] if rows else []


def _difference(report: dict, who: str, protocol: str, ablation: str, metric: str) -> Cell:
    found = difference(report, who, protocol, ablation, metric)
    if found is None:
        return Cell()
    there, p = found
    remarks = (p_value(p), verdict(there, direction(ablation, metric)))
    return Cell(there, form=f"+{form(metric)}", remarks=remarks)


def p_value(p: float | None) -> str:
    """A p value as it is written: none below a thousandth."""
    return "" if p is None else "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _row(report: dict, who: str, protocol: str, condition: str, title: str, kind: str, section: str) -> Row:
    found = ((name, score(report, who, protocol, condition, name)) for name in metrics(report, protocol))
    return Row(title, tuple(Cell(value, form=form(name)) for name, value in found), kind, section)


def _of_kind(report: dict, protocol: str, kind: str) -> list[str]:
    found = conditions(report, overall(report), protocol)
    return [name for name, told in found.items() if told.get("kind") == kind]


def _chance(metric: str, protocol: str) -> Cell:
    odds = chance(metric, protocol)
    return Cell() if odds is None else Cell(text=f"{odds:.3f}")


def _columns(names: list[str]) -> tuple[Column, ...]:
    return tuple(Column(titled(name), group(name)) for name in names)


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


def _who(who: str) -> str:
    return "mean of subjects" if who == MEAN else f"subject {who}"

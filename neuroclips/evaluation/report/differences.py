"""What the full model has more than its ablations (table 2) and than controls, and whether the paper's signs hold."""

from __future__ import annotations

from collections.abc import Iterator

from neuroclips.evaluation.conditions import ABLATIONS, CONTROLS
from neuroclips.evaluation.published import direction
from neuroclips.evaluation.report.shape import (
    FULL,
    Number,
    conditions,
    form,
    label,
    metrics,
    name_of,
    number,
    of,
    part,
    people,
)
from neuroclips.evaluation.report.table import Cell, Row, Table
from neuroclips.evaluation.report.tables import SPREAD, called, columns_of, scored_row

SIGNS = (
    '"as in the paper": the sign of its table 2 (subject 1), and the interval excludes 0; "reversed": the other sign; '
    '"undecided": the interval includes 0.'
)
VERDICTS = ("as in the paper", "reversed", "undecided")


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
    return Table(f"table2-{protocol}", caption, "Method", columns_of(metrics(report, protocol)), tuple(rows), notes)


def directions(report: dict, protocol: str) -> Table | None:
    """Whether the signs of the paper's table 2 hold: of each subject, as counts."""
    told = [name for name in metrics(report, protocol) if direction(ABLATIONS[0], name) is not None]
    there = [name for name in ABLATIONS if any(_verdicts(report, protocol, name, metric) for metric in told)]
    if not there:
        return None
    rows = tuple(Row(f"full less {name_of(a)}", tuple(_direction(report, protocol, a, m) for m in told)) for a in there)
    caption = f"Do the paper's directions hold? Protocol {protocol} ({label(report)}), count of subjects."
    notes = ("First what the paper's full model has more than its ablation (table 2, subject 1, cc2017).", SIGNS)
    return Table(f"table2-directions-{protocol}", caption, "Difference", columns_of(told), rows, notes)


def _direction(report: dict, protocol: str, ablation: str, metric: str) -> Cell:
    verdicts = _verdicts(report, protocol, ablation, metric)
    counts = tuple(f"{word}: {verdicts.count(word)}" for word in VERDICTS if word in verdicts)
    return Cell(text=f"paper {direction(ablation, metric):+{form(metric)}}", remarks=counts)


def _verdicts(report: dict, protocol: str, ablation: str, metric: str) -> list[str]:
    found = (difference(report, who, protocol, ablation, metric) for who in part(report, "subjects"))
    return [verdict(there[0], direction(ablation, metric)) for there in found if there]


def controls(report: dict, protocol: str) -> Table | None:
    """What the full model has more than the same pipeline where the fMRI says nothing of the clip."""
    rows = [row for who in people(report) for row in _controls(report, who, protocol)]
    caption = f"Full less each control by protocol {protocol} ({label(report)})."
    notes = ("Differences on the clips that both have; brackets are 95 % intervals, p is of no difference.",)
    columns = columns_of(metrics(report, protocol))
    return Table(f"controls-{protocol}", caption, "Full less", columns, tuple(rows), notes) if rows else None


def _controls(report: dict, who: str, protocol: str) -> Iterator[Row]:
    for name in CONTROLS:
        cells = tuple(_difference(report, who, protocol, name, metric) for metric in metrics(report, protocol))
        if any(cell.number for cell in cells):
            yield Row(name_of(name), cells, "difference", called(who))


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
        rows.append(scored_row(report, who, protocol, name, name_of(name), "ablation", called(who)))
        cells = tuple(_difference(report, who, protocol, name, metric) for metric in metrics(report, protocol))
        rows += [Row("full less this", cells, "difference", called(who))] if any(cell.number for cell in cells) else []
    return [*rows, scored_row(report, who, protocol, FULL, name_of(FULL), "result", called(who))] if rows else []


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

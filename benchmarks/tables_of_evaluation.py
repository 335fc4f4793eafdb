"""Tables of docs/results.md: the stored evaluation of what ships, assets/evaluation/scores.json."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from statistics import fmean
from textwrap import fill

from tabulation import SUBJECTS, number, table

from neuroclips.evaluation.conditions import CONDITIONS
from neuroclips.evaluation.report.differences import directions
from neuroclips.evaluation.report.markdown import markdown
from neuroclips.evaluation.stored import read
from neuroclips.metrics.protocols import protocol_named
from neuroclips.metrics.registry import METRICS

PROTOCOL = "paper"
SHOWN = ("ssim", "psnr", "frame_2_way", "frame_41_way", "video_2_way", "video_50_way", "end_point_error")
LIMITS = ("flat", "shuffled", "oracle")


@cache
def evaluated() -> dict:
    """The report that ships. Raises SystemExit where there is none."""
    if (report := read()) is None:
        raise SystemExit("results: got no assets/evaluation/scores.json: run evaluate --subject all first")
    return report


def scores() -> str:
    """Scores of each subject with intervals, between floors and ceiling."""
    names = [name for name in SHOWN if name in _metrics(1, "full")]
    head = ["score", *(f"subject {s}" for s in SUBJECTS), "flat", "shuffled", "ceiling", "chance"]
    report = evaluated()
    clips = " and ".join(str(_condition(1, name)["n"]) for name in ("full", "oracle"))
    note = f"{clips} clips (ceiling) of each subject. Measured on version {report['version']} by `{_command()}`."
    return table(head, [_row(name) for name in names], note)


def _command() -> str:
    return evaluated()["made"]["command"].removeprefix("python -m ")


def _row(name: str) -> list[str]:
    about, odds = METRICS[name].about, METRICS[name].chance(protocol_named(PROTOCOL))
    digits = 2 if about.unit else 3
    limits = [fmean(_metrics(s, limit)[name]["value"] for s in SUBJECTS) for limit in LIMITS]
    title = f"{about.title} {'↑' if about.higher_is_better else '↓'}"
    cells = [_with_interval(_metrics(s, "full")[name], digits) for s in SUBJECTS]
    return [title, *cells, *(number(value, digits) for value in limits), "" if odds is None else f"{odds:.3g}"]


def _with_interval(found: dict, digits: int) -> str:
    low, high = (number(end, digits) for end in found["ci"])
    return f"{number(found['value'], digits)} ({low} to {high})"


def _condition(subject: int, name: str) -> dict:
    return evaluated()["subjects"][str(subject)]["protocols"][PROTOCOL]["conditions"][name]


def _metrics(subject: int, name: str) -> dict:
    return _condition(subject, name)["metrics"]


def rows_of_kind(*kinds: str) -> str:
    """The mean over subjects of the full model, and of conditions of these kinds."""
    found = evaluated()["mean"]["protocols"][PROTOCOL]["conditions"]
    named = {name: row for name, row in found.items() if name == "full" or row["kind"] in kinds}
    metrics = [name for name in SHOWN if name in found["full"]["metrics"]]
    head = ["mean of subjects", "clips", *(METRICS[name].about.title for name in metrics)]
    return table(head, [_condition_row(name, row, metrics) for name, row in named.items()])


def _condition_row(name: str, row: dict, metrics: Sequence[str]) -> list[str]:
    digits = {metric: 2 if METRICS[metric].about.unit else 3 for metric in metrics}
    found = [(row["metrics"].get(metric), digits[metric]) for metric in metrics]
    return [CONDITIONS[name].label, str(row["n"]), *(_with_interval(of, n) if of else "" for of, n in found)]


def directions_hold() -> str:
    """The paper's table 2: whether what the full model has more has the paper's sign, as in tables.md."""
    lines = markdown(directions(evaluated(), PROTOCOL)).rstrip().splitlines()
    return "\n".join(line if line.startswith("|") else fill(line, 118, subsequent_indent="  ") for line in lines)


TABLES = {
    "scores": scores,
    "table_2": partial(rows_of_kind, "ablation"),
    "directions": directions_hold,
    "controls": partial(rows_of_kind, "control", "floor", "ceiling"),
}

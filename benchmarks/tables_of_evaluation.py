"""Tables of docs/results.md: the stored evaluation of what ships, assets/evaluation/scores.json."""

from __future__ import annotations

from functools import cache, partial
from statistics import fmean

from tabulation import SUBJECTS, number, table

from neuroclips.evaluation.report.differences import controls, directions, table_2
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


def of_report(kind) -> str:
    """A table of the report, as it is in tables.md."""
    return markdown(kind(evaluated(), PROTOCOL)).rstrip()


TABLES = {
    "scores": scores,
    "table_2": partial(of_report, table_2),
    "directions": partial(of_report, directions),
    "controls": partial(of_report, controls),
}

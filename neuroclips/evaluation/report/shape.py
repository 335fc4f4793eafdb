"""A report (the dict of scores.json, docs/evaluation.md) read by name: parts, numbers with intervals, labels."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from neuroclips.evaluation.conditions import CEILING, CONDITIONS
from neuroclips.metrics.protocols import PROTOCOLS
from neuroclips.metrics.registry import METRICS
from neuroclips.metrics.scores import ABOUT, About

MEAN = "mean"  # of the subjects, in the place of a subject's number
FULL, ORACLE = "full", CEILING


@dataclass(frozen=True)
class Number:
    """A score with its 95 % interval and its spread, each None where the report lacks it."""

    value: float
    low: float | None = None
    high: float | None = None
    sd: float | None = None

    def interval(self, form: str = ".3f") -> str:
        """The interval in brackets; that there is none is said."""
        if self.low is None or self.high is None:
            return "[no interval]"
        return f"[{self.low:{form}}, {self.high:{form}}]"


def number(found: dict | None) -> Number | None:
    """What {"value", "ci", "sd"} says; infinite numbers are words that float() takes, and NaN is none."""
    if not found or (value := _known(found.get("value"))) is None:
        return None
    low, high = (found.get("ci") or [None, None])[:2]
    return Number(value, _known(low), _known(high), _known(found.get("sd")))


def _known(value: float | str | None) -> float | None:
    return None if value is None or math.isnan(read := float(value)) else read


def part(report: dict, *keys: str) -> Any:
    """What is under these names, an empty dict where one of them is missing."""
    found: Any = report
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
        if found is None:
            return {}
    return found


def people(report: dict) -> list[str]:
    """The subjects, and "mean" where the report has one of them."""
    return [*part(report, "subjects"), *([MEAN] if part(report, MEAN, "protocols") else [])]


def of(report: dict, who: str) -> dict:
    """The part of one subject, or of the mean of them all."""
    return part(report, MEAN) if who == MEAN else part(report, "subjects", who)


def overall(report: dict) -> str:
    """Whose floors and dials stand for all: the mean, or the one subject that there is."""
    return people(report)[-1] if people(report) else MEAN


def conditions(report: dict, who: str, protocol: str) -> dict[str, dict]:
    """What was scored of one subject under a protocol, by the names of conditions."""
    return part(of(report, who), "protocols", protocol, "conditions")


def score(report: dict, who: str, protocol: str, condition: str, metric: str) -> Number | None:
    """One score."""
    return number(part(conditions(report, who, protocol), condition, "metrics", metric))


def protocols(report: dict) -> list[str]:
    """The protocols of a report, in the order of the first subject."""
    return list(part(of(report, overall(report)), "protocols"))


def metrics(report: dict, protocol: str) -> list[str]:
    """What "full" was scored by, by group of columns: films before frames, meaning before pixels."""
    return in_order(part(conditions(report, overall(report), protocol), FULL, "metrics"))


def about(metric: str) -> About:
    """What a reader must know of a metric; of one that this version does not know, its name."""
    known = METRICS[metric].about if metric in METRICS else ABOUT.get(metric)
    return known or About(metric.replace("_", " "), "A metric that this version does not know.")


GROUPS = (
    ("Video-based", "Semantic"),
    ("Video-based", "Spatiotemporal"),
    ("Frame-based", "Semantic"),
    ("Frame-based", "Pixel"),
    ("Other", ""),
)


def group(metric: str) -> tuple[str, str]:
    """The two heads above a column of the paper's table 1."""
    level = METRICS[metric].level if metric in METRICS else ""
    if level == "semantic":
        return GROUPS[0] if metric.startswith("video") else GROUPS[2]
    return {"spatiotemporal": GROUPS[1], "pixel": GROUPS[3]}.get(level, GROUPS[-1])


def chance(metric: str, protocol: str) -> float | None:
    """What guessing scores under a protocol, None where it has no fixed score."""
    known = metric in METRICS and protocol in PROTOCOLS
    return METRICS[metric].chance(PROTOCOLS[protocol]) if known else about(metric).chance


def is_blind(metric: str, protocol: str) -> bool:
    """Whether a metric never looks at the truth, so that floors say nothing of it."""
    return metric in METRICS and protocol in PROTOCOLS and METRICS[metric].is_blind(PROTOCOLS[protocol])


def in_order(names: Iterable[str]) -> list[str]:
    """Metrics as columns: films before frames, meaning before pixels."""
    order = list(METRICS)
    known = sorted(names, key=lambda name: order.index(name) if name in METRICS else len(order))
    return sorted(known, key=lambda name: GROUPS.index(group(name)))


def titled(metric: str) -> str:
    """The head of its column, with an arrow for better."""
    return f"{about(metric).title} {'↑' if about(metric).higher_is_better else '↓'}"


def form(metric: str) -> str:
    """How its numbers are written."""
    return ".2f" if about(metric).unit else ".3f"


def name_of(condition: str) -> str:
    """What a condition is called in tables."""
    return CONDITIONS[condition].label if condition in CONDITIONS else condition


def label(report: dict) -> str:
    """What all of it was measured on: "simulated data, demo judges"."""
    made = part(report, "made")
    data = "simulated data" if made.get("simulated", True) else f"data of {made.get('dataset', 'another source')}"
    return f"{data}, {made.get('judges', 'unknown')} judges"

"""A report (the dict of scores.json, docs/evaluation.md) read by name: parts, numbers with intervals, labels."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from neuroclips.metrics.protocols import PROTOCOLS
from neuroclips.metrics.registry import METRICS
from neuroclips.metrics.scores import ABOUT, About

MEAN = "mean"  # of the subjects, in the place of a subject's number
FULL, ORACLE = "full", "oracle"
NAMES = {
    "full": "NeuroClips",
    "no-keyframe": "w/o keyframe",
    "no-blurry": "w/o blurry clip",
    "git": "GIT captioning",
    "zero": "zero fMRI",
    "noise": "noise as fMRI",
    "null": "null subject",
    "other": "another subject's fMRI",
    "prior": "prior only",
    "none": "all guidances off",
    "flat": "flat mean colour",
    "mean frame": "mean training frame",
    "frozen": "frozen keyframe",
    "best single": "best single clip for all",
    "shuffled": "shuffled clips",
    "oracle": "true guidance",
}
N_WAY = re.compile(r"_(\d+)_way$")


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
    """What {"value", "ci", "sd"} says; numbers that are not finite are words that float() takes."""
    if not found or found.get("value") is None:
        return None
    low, high = (found.get("ci") or [None, None])[:2]
    return Number(float(found["value"]), *(None if x is None else float(x) for x in (low, high, found.get("sd"))))


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
    found = part(conditions(report, overall(report), protocol), FULL, "metrics")
    return sorted(found, key=lambda name: GROUPS.index(group(name)))


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
    if level == "semantic" or N_WAY.search(metric):
        return GROUPS[0] if metric.startswith("video") else GROUPS[2]
    return {"spatiotemporal": GROUPS[1], "pixel": GROUPS[3]}.get(level, GROUPS[-1])


def chance(metric: str, protocol: str) -> float | None:
    """What guessing scores: of N-way, k / (N - 1 + k) where k leading classes of the truth count as true."""
    if found := N_WAY.search(metric):
        k = PROTOCOLS[protocol].truths if protocol in PROTOCOLS else 1
        return k / (int(found[1]) - 1 + k)
    return about(metric).chance


def form(metric: str) -> str:
    """How its numbers are written."""
    return ".2f" if about(metric).unit else ".3f"


def name_of(condition: str) -> str:
    """What a condition is called in tables."""
    return NAMES.get(condition, condition)


def label(report: dict) -> str:
    """What all of it was measured on: "simulated data, demo judges"."""
    made = part(report, "made")
    data = "simulated data" if made.get("simulated", True) else f"data of {made.get('dataset', 'another source')}"
    return f"{data}, {made.get('judges', 'unknown')} judges"

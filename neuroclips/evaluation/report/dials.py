"""Dials: every score on a line of its own that runs from its floors to its ceiling, with chance and its interval."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from neuroclips.evaluation.report.charts import Scale, anchor, linear
from neuroclips.evaluation.report.markup import Markup, tag
from neuroclips.evaluation.report.shape import (
    FULL,
    Number,
    about,
    chance,
    conditions,
    form,
    is_blind,
    metrics,
    name_of,
    number,
    of,
    part,
    score,
)

TRACK, LINE, NARROW = 22, 15, 330  # [CSS pixels]: where the line is, between lines of text, width on a phone
LETTER = 6.5  # [CSS pixels], about the width of one


@dataclass(frozen=True)
class Mark:
    """look : "floor", "ceiling", "chance" or "control", a class in style.css."""

    label: str
    value: float
    look: str


def dials(report: dict, who: str, protocol: str) -> list[Markup]:
    """One dial for each metric that "full" was scored by."""
    return [_dial(report, who, protocol, name) for name in metrics(report, protocol)]


def _dial(report: dict, who: str, protocol: str, metric: str) -> Markup:
    ours, told, how = score(report, who, protocol, FULL, metric), about(metric), form(metric)
    if ours is None:
        return tag("p", f"{told.title}: not scored.", class_="missing")
    marks = _marks(report, who, protocol, metric)
    head = tag("h3", told.title, tag("small", " higher is better" if told.higher_is_better else " lower is better"))
    value = tag("p", tag("b", f"{ours.value:{how}}"), f" {ours.interval(how)}", _share(report, who, protocol, metric))
    track = _track(ours, marks, told.higher_is_better, how, told.title) if math.isfinite(ours.value) else None
    meaning = tag("p", told.meaning, class_="meaning")
    return tag("div", head, value, track, _beaten(ours, marks, metric, protocol), meaning, class_="dial")


def _marks(report: dict, who: str, protocol: str, metric: str) -> list[Mark]:
    """Floors, controls, ceiling and chance of a metric, those that are finite numbers."""
    found = []
    for name, told in conditions(report, who, protocol).items():
        there = number(part(told, "metrics", metric))
        if there and told.get("kind") in ("floor", "control", "ceiling"):
            found.append(Mark(name_of(name), there.value, told["kind"]))
    odds = chance(metric, protocol)
    found += [] if odds is None else [Mark("chance", odds, "chance")]
    return [mark for mark in found if math.isfinite(mark.value)]


def _share(report: dict, who: str, protocol: str, metric: str) -> Markup | None:
    found = part(of(report, who), "protocols", protocol, "share", metric)
    there = number(found)
    if there is None:
        return tag("span", f"no share of the scale: {found['why']}", class_="share") if found.get("why") else None
    floor = name_of(found.get("floor", "floor"))
    return tag(
        "span", f"{there.value:.0%} {there.interval('.0%')} of the way from {floor} to the ceiling", class_="share"
    )


def _track(ours: Number, marks: list[Mark], higher: bool, how: str, title: str) -> Markup:
    """The line with its marks; better is to the right, whichever end of the scale that is."""
    place = _scale(ours, marks, higher)
    shown = [mark for mark in marks if mark.look in ("chance", "ceiling") or mark.label in _named(marks, higher)]
    bars = [tag("line", class_="track", x1="0", x2="100%", y1=TRACK, y2=TRACK)]
    bars += [_tick(mark, place, how) for mark in marks]
    if ours.low is not None and ours.high is not None and math.isfinite(ours.low + ours.high):
        ends = sorted((place(ours.low), place(ours.high)))
        bars.append(tag("line", class_="interval", x1=f"{ends[0]:.2f}%", x2=f"{ends[1]:.2f}%", y1=TRACK, y2=TRACK))
    bars.append(tag("circle", class_="ours", cx=f"{place(ours.value):.2f}%", cy=TRACK, r=7))
    texts, lines = _texts([(f"{mark.label} {mark.value:{how}}", place(mark.value), mark.look) for mark in shown])
    words = f"{title}: {ours.value:{how}} {ours.interval(how)}; " + ", ".join(
        f"{mark.label} {mark.value:{how}}" for mark in marks
    )
    return tag("svg", *bars, *texts, class_="track", width="100%", height=TRACK + 16 + LINE * lines, role="img",
               aria_label=words)  # fmt: skip


def _named(marks: list[Mark], higher: bool) -> set[str]:
    """Floors whose names stand below the line: the shuffled clips, and the best floor of all."""
    floors = [mark for mark in marks if mark.look == "floor"]
    best = sorted(floors, key=lambda mark: mark.value, reverse=higher)[:1]
    return {mark.label for mark in best} | {name_of("shuffled")}


def _scale(ours: Number, marks: list[Mark], higher: bool) -> Scale:
    ends = [mark.value for mark in marks]
    values = [x for x in (ours.value, ours.low, ours.high, *ends) if x is not None and math.isfinite(x)] or [0.0]
    low, high = min(values), max(values)
    room = 0.06 * (high - low or 1.0)
    return linear(low - room, high + room) if higher else linear(high + room, low - room)


def _tick(mark: Mark, place: Scale, how: str) -> Markup:
    x = f"{place(mark.value):.2f}%"
    return tag("line", tag("title", f"{mark.label} {mark.value:{how}}"), class_=mark.look, x1=x, x2=x,
               y1=TRACK - 9, y2=TRACK + 9)  # fmt: skip


def _texts(marks: Iterable[tuple[str, float, str]]) -> tuple[list[Markup], int]:
    """Labels below a line, on as many lines as keep them apart on a phone; how many those are."""
    ends: list[float] = []  # of the last text on each line [CSS pixels]
    found = []
    for text, percent, look in sorted(marks, key=lambda mark: mark[1]):
        width, at = LETTER * len(text), NARROW * percent / 100
        start = {"start": at, "middle": at - width / 2, "end": at - width}[anchor(percent)]
        line = next((i for i, end in enumerate(ends) if start > end + LETTER), len(ends))
        ends[line : line + 1] = [start + width]
        y = TRACK + 12 + LINE * (line + 1)
        found.append(tag("text", text, class_=look, x=f"{percent:.2f}%", y=y, text_anchor=anchor(percent)))
    return found, len(ends)


def _beaten(ours: Number, marks: list[Mark], metric: str, protocol: str) -> Markup | None:
    """Floors that score better than the film, named."""
    higher = about(metric).higher_is_better
    if is_blind(metric, protocol):
        return tag("p", "It never looks at the truth, so floors say nothing of it.", class_="share")
    better = [mark for mark in marks if mark.look in ("floor", "control") and (mark.value > ours.value) == higher
              and mark.value != ours.value]  # fmt: skip
    if not better:
        return None
    names = ", ".join(f"{mark.label} ({mark.value:{form(metric)}})" for mark in better)
    return tag("p", f"These floors score better: {names}.", class_="beats")

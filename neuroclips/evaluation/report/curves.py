"""The charts of a report: shuffled clips, retrieval against the size of the pool, what more repeats bring, novelty."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import chain

from neuroclips.evaluation.report.charts import Series, curve, histogram, linear, logarithmic
from neuroclips.evaluation.report.differences import p_value
from neuroclips.evaluation.report.markup import Markup, joined, tag
from neuroclips.evaluation.report.shape import FULL, about, form, label, of, part, protocols, score

LOOKS = {"keyframe": "one", "fmri": "two", "without neighbours": "three", "swapped": "control"}
SAID = {
    "keyframe": "keyframe of an fMRI sample",
    "fmri": "fMRI sample of a keyframe",
    "swapped": "fMRI of another film",
    "without neighbours": "keyframe, clips of the same 10 s left out",
}


def permutations(report: dict) -> Markup | None:
    """Scores of shuffled clips as histograms, with the score of the right pairs as a line, by subject."""
    protocol = next(iter(protocols(report)), "")
    return _by_subject(report, lambda who: _permuted(report, who, protocol))


def _permuted(report: dict, who: str, protocol: str) -> Markup | None:
    found = part(of(report, who), "protocols", protocol, "permutation")
    charts = []
    for metric, null in found.items():
        ours = score(report, who, protocol, FULL, metric)
        if ours is None or not math.isfinite(ours.value) or not null.get("counts"):
            continue
        how, p = form(metric), p_value(null.get("p"))
        z = f"z = {null['z']:.1f}" if isinstance(null.get("z"), (int, float)) else ""
        told = f"{about(metric).title}: {', '.join(filter(None, (z, p)))}, {null.get('n_permutations', 0):,} shuffles"
        words = f"{told}. Shuffled clips score {null['mean']:.3f}, the right pairs {ours.value:.3f}"
        charts.append(_figure(report, histogram(null["counts"], null["edges"], ours.value, words, how), told))
    return tag("div", *charts, class_="charts") if charts else None


def retrieval(report: dict) -> Markup | None:
    """Top-1 against the number of clips to choose from, both in factors, with chance."""
    return _by_subject(report, lambda who: _retrieved(report, who))


def _retrieved(report: dict, who: str) -> Markup | None:
    found = part(of(report, who), "retrieval")
    lines = [line for name in ("keyframe", "fmri", "swapped") for line in _lines(name, part(found, name))]
    if not lines:
        return None
    sizes = lines[0].x
    chance = part(found, "keyframe").get("chance") or [1 / n for n in sizes]
    lines.append(Series("chance", sizes, chance, "chance"))
    low = min(chance)
    x, y = logarithmic(sizes[0], sizes[-1]), logarithmic(low, 1)
    ticks = [n for n in (2, 5, 10, 30, 100, 300, 1200) if sizes[0] <= n <= sizes[-1]]
    levels = [v for v in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0) if v >= low]
    words = f"top-1 retrieval of subject {who} against the number of clips to choose from; {_told(lines)}"
    return _figure(
        report,
        curve(lines, x, y, (ticks, levels), words, (",.0f", ".3g")),
        "Top-1 among N clips; both axes are logarithmic.",
    )


def _lines(name: str, found: dict) -> list[Series]:
    if not found.get("top1"):
        return []
    lines = [Series(SAID[name], found["pools"], found["top1"], LOOKS[name], _band(found))]
    if alone := found.get("without neighbours"):
        there = [(size, at) for size, at in zip(found["pools"], alone, strict=True) if at is not None]
        if there:
            sizes, found_there = zip(*there, strict=True)
            lines.append(Series(SAID["without neighbours"], sizes, found_there, LOOKS["without neighbours"]))
    return lines if name == "keyframe" else lines[:1]


def _band(found: dict, key: str = "ci") -> Sequence[tuple[float, float]]:
    return [(low, high) for low, high in found.get(key) or ()]


def repeats(report: dict) -> Markup | None:
    """Retrieval and pixel correlation against how many showings of a clip are averaged, beside the noise ceiling."""
    return _by_subject(report, lambda who: _repeated(report, who))


REPEATED = {
    "retrieval": ("Keyframe retrieval, top-1", "ci"),
    "pixel_correlation": ("Blurry video, pixel correlation", "pixel_correlation ci"),
    "object": ("Object named by GIT", "object ci"),
}


def _repeated(report: dict, who: str) -> Markup | None:
    found = part(of(report, who), "repeats")
    charts = []
    for name, (title, ci) in REPEATED.items():
        if not found.get(name):
            continue
        line = Series(title, found["repeats"], found[name], "one", _band(found, ci))
        top = _above(max(chain(found[name], (high for _, high in line.band))))
        x, y = linear(found["repeats"][0], found["repeats"][-1]), linear(0, top)
        words = f"{title} of subject {who} by showings averaged: {_told([line])}"
        lines = [line]
        if name == "retrieval" and found.get("chance"):
            lines.append(Series("chance", found["repeats"], [found["chance"]] * len(line.x), "chance"))
        drawn = curve(lines, x, y, (found["repeats"], [0, top / 2, top]), words, (",.0f", ".3g"))
        charts.append(_figure(report, drawn, f"{title}, against how many showings are averaged."))
    told = _ceiling(part(found, "noise ceiling"))
    return joined(tag("div", *charts, class_="charts"), told) if charts else told


def _ceiling(found: dict) -> Markup | None:
    if "median" not in found:
        return None
    low, high = found.get("quartiles") or (math.nan, math.nan)
    share = f" {found['reliable share']:.0%} of them are reliable." if "reliable share" in found else ""
    told = (
        f"Reliability, the correlation of the mean of all showings with that of as many new ones: median of "
        f"{found.get('n_voxels', 'all')} voxels {found['median']:.2f}, quartiles {low:.2f} and {high:.2f}.{share} The "
        "noise ceiling, the best correlation of a model with the mean of all showings, is its root: "
        f"{_root(found['median']):.2f}, quartiles {_root(low):.2f} and {_root(high):.2f}."
    )
    return tag("p", told)


def _root(reliability: float) -> float:
    """The noise ceiling of a reliability: 0 where two halves disagree."""
    return math.sqrt(max(reliability, 0.0))


def _by_subject(report: dict, drawn: Callable[[str], Markup | None]) -> Markup | None:
    found = [(who, made) for who in part(report, "subjects") if (made := drawn(who))]
    if not found:
        return None
    return joined(
        *(
            tag("details", tag("summary", f"Subject {who}"), made, open="open" if i == 0 else None)
            for i, (who, made) in enumerate(found)
        )
    )


def _figure(report: dict, drawn: Markup, caption: str) -> Markup:
    return tag("figure", drawn, tag("figcaption", caption, tag("small", f" {label(report)}")))


def _told(lines: Sequence[Series]) -> str:
    """The ends of lines, for who cannot see them."""
    return "; ".join(f"{one.label}: {one.y[0]:.3g} at {one.x[0]:g}, {one.y[-1]:.3g} at {one.x[-1]:g}" for one in lines)


def _above(value: float) -> float:
    """A round number that is no less."""
    return next(top for top in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, value) if top >= value)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)

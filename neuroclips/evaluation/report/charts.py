"""Charts as inline SVG that fill their column: places are percents, so that letters keep their size on a phone.

Lines live in an inner drawing of 100 x 100 that is stretched; letters and dots stand beside it at percents.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from neuroclips.evaluation.report.markup import Markup, joined, tag

HEIGHT, BELOW = 200, 36  # [CSS pixels] of the plot, and of the numbers below it
Scale = Callable[[float], float]  # a value to percents of the plot


@dataclass(frozen=True)
class Series:
    """A line: values y at x, with an interval (low, high) where there is one.

    look : its class in style.css.
    """

    label: str
    x: Sequence[float]
    y: Sequence[float]
    look: str
    band: Sequence[tuple[float, float]] = ()


def linear(low: float, high: float) -> Scale:
    """Percents of the way from low to high."""
    width = (high - low) or 1.0
    return lambda value: 100 * (value - low) / width


def logarithmic(low: float, high: float) -> Scale:
    """Percents of the way from low to high in factors; what is below low is at its end."""
    width = math.log(high / low) or 1.0
    return lambda value: 100 * math.log(max(value, low) / low) / width


def histogram(counts: Sequence[float], edges: Sequence[float], at: float, words: str, form: str = ".3f") -> Markup:
    """Draws of a null as bars, and where the score is as a line."""
    low, high = min(edges[0], at), max(edges[-1], at)
    room = 0.04 * (high - low or 1.0)
    place, most = linear(low - room, high + room), max(counts) or 1
    bars = (
        tag("rect", class_="bar", x=f"{place(a):.2f}", width=f"{place(b) - place(a):.2f}",
            y=f"{100 - 96 * n / most:.2f}", height=f"{96 * n / most:.2f}")
        for n, a, b in zip(counts, edges, edges[1:], strict=False)
    )  # fmt: skip
    line = tag("line", class_="ours", x1=f"{place(at):.2f}", x2=f"{place(at):.2f}", y1=0, y2=100)
    middle = sum(n * (a + b) / 2 for n, a, b in zip(counts, edges, edges[1:], strict=False)) / (sum(counts) or 1)
    texts = [_below(place(middle), f"shuffled {middle:{form}}"), _below(place(at), f"ours {at:{form}}", "ours", 2)]
    return _drawing(words, [*bars, line], texts)


def curve(series: Sequence[Series], x: Scale, y: Scale, ticks: tuple[Sequence[float], Sequence[float]], words: str,
          forms: tuple[str, str] = ("g", ".0%")) -> Markup:  # fmt: skip
    """Lines with bands and dots. ticks : of x and of y. forms : how they are written."""
    grid = [tag("line", class_="grid", x1=0, x2=100, y1=f"{100 - y(v):.2f}", y2=f"{100 - y(v):.2f}") for v in ticks[1]]
    inner = [shape for one in series for shape in _line(one, x, y)]
    dots = [
        tag("circle", tag("title", f"{one.label}: {b:{forms[1]}} at {a:{forms[0]}}"), class_=one.look, r=3.5,
            cx=f"{x(a):.2f}%", cy=f"{HEIGHT * (1 - y(b) / 100):.1f}")
        for one in series if one.look != "chance" for a, b in zip(one.x, one.y, strict=True)
    ]  # fmt: skip
    texts = [_below(x(v), f"{v:{forms[0]}}") for v in ticks[0]]
    texts += [
        tag("text", f"{v:{forms[1]}}", class_="tick", x=2, y=f"{HEIGHT * (1 - y(v) / 100) - 3:.1f}") for v in ticks[1]
    ]
    keys = (tag("span", tag("i", class_=one.look), one.label, class_="key") for one in series)
    return joined(_drawing(words, [*grid, *inner], [*dots, *texts]), tag("p", *keys, class_="keys"))


def _line(one: Series, x: Scale, y: Scale) -> list[Markup]:
    def points(values: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{x(a):.2f},{100 - y(b):.2f}" for a, b in values)

    line = tag("polyline", class_=one.look, points=points(list(zip(one.x, one.y, strict=True))))
    if not one.band:
        return [line]
    upper = [(a, high) for a, (_, high) in zip(one.x, one.band, strict=True)]
    lower = [(a, low) for a, (low, _) in zip(one.x, one.band, strict=True)]
    return [tag("polygon", class_=f"band {one.look}", points=points([*upper, *reversed(lower)])), line]


def _below(percent: float, text: str, look: str = "tick", line: int = 1) -> Markup:
    """A text below the plot, within its sides."""
    return tag("text", text, class_=look, x=f"{percent:.2f}%", y=HEIGHT + 15 * line, text_anchor=anchor(percent))


def anchor(percent: float) -> str:
    """How a text at this place stays within the drawing."""
    return "start" if percent < 20 else "end" if percent > 80 else "middle"


def _drawing(words: str, inner: Sequence[Markup], outer: Sequence[Markup]) -> Markup:
    plot = tag("svg", *inner, viewBox="0 0 100 100", preserveAspectRatio="none", width="100%", height=HEIGHT)
    return tag("svg", plot, *outer, class_="chart", width="100%", height=HEIGHT + BELOW, role="img", aria_label=words)

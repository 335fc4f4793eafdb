"""Loss and validation scores of a training run as inline SVG, in colours of the page: it is right in dark mode too."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 460, 230
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 14, 30  # margins
N_POINTS = 300  # of a curve: more cannot be told apart
SMOOTH = 20  # steps
Points = Sequence[tuple[float, float]]


class Axes:
    """Data to places in the picture."""

    def __init__(self, n_steps: float, low: float, high: float):
        span = (high - low) or 1.0
        self.n, self.low, self.high = max(1.0, n_steps), low - 0.06 * span, high + 0.06 * span

    def x(self, step: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * step / self.n

    def y(self, value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (self.high - value) / (self.high - self.low)

    def line(self, points: Points, kind: str) -> str:
        path = " ".join(f"{self.x(step):.1f},{self.y(value):.1f}" for step, value in points)
        return f'<polyline class="{kind}" points="{path}"/>'

    def grid(self) -> str:
        """Ticks of both axes."""
        parts = []
        for value in round_values(self.low, self.high):
            y = self.y(value)
            parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
            parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
        for step, text in ((0, "0"), (self.n / 2, f"{self.n / 2:.0f}"), (self.n, f"{self.n:.0f} steps")):
            anchor = "end" if step == self.n else "start" if not step else "middle"
            parts.append(f'<text x="{self.x(step):.1f}" y="{HEIGHT - 8}" text-anchor="{anchor}">{text}</text>')
        return "".join(parts)


def loss_svg(log: Sequence[dict], n_steps: int) -> str:
    """Loss of every step and its mean over 20. Empty while no step was taken."""
    losses = [(line["step"] + 1, float(line["loss"])) for line in log if "loss" in line]
    if not losses:
        return ""
    shown, smooth = thinned(losses), thinned(smoothed(losses))
    values = sorted(value for _, value in shown)
    axes = Axes(n_steps, values[0], values[int(0.99 * (len(values) - 1))] if len(values) > 50 else values[-1])
    inner = axes.line([(s, min(v, axes.high)) for s, v in shown], "raw") + axes.line(smooth, "mean")
    said = f"Loss of {len(losses)} steps: now {smooth[-1][1]:.3g}, at the start {losses[0][1]:.3g}"
    return _svg(axes.grid() + inner, said)


def score_svg(points: Points, lines: Mapping[str, float], n_steps: int, name: str) -> str:
    """A validation score over steps, beside lines such as chance; both named. Empty while nothing was validated."""
    if not points:
        return ""
    values = [value for _, value in points] + list(lines.values())
    axes = Axes(n_steps, min(values), max(values))
    drawn = ""
    taken: list[float] = []
    for label, value in lines.items():
        y = axes.y(value)
        drawn += f'<line class="bar {label.split()[0]}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        beside = sum(abs(y - other) < 14 for other in taken)  # names of lines that are close stand side by side
        taken.append(y)
        x = LEFT + 4 + 135 * beside
        drawn += f'<text class="label" x="{x}" y="{y - 5:.1f}">{escape(label)} {value:.3g}</text>'
    dots = "".join(f'<circle class="dot" cx="{axes.x(s):.1f}" cy="{axes.y(v):.1f}" r="3.5"/>' for s, v in points)
    said = f"{name}: now {points[-1][1]:.3g}; " + ", ".join(f"{label} {value:.3g}" for label, value in lines.items())
    return _svg(axes.grid() + drawn + axes.line(points, "score") + dots, said)


def round_values(low: float, high: float) -> list[float]:
    """Three to six round numbers from low to high."""
    rough = (high - low) / 6
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next((unit * m for m in (1, 2, 5) if unit * m >= rough), 10 * unit)
    return [round(i * step, 12) for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def smoothed(points: Points) -> list[tuple[float, float]]:
    """Each with the mean of the last 20 values."""
    total, sums = 0.0, [0.0]
    for _, value in points:
        total += value
        sums.append(total)
    return [
        (step, (sums[i + 1] - sums[max(0, i + 1 - SMOOTH)]) / min(i + 1, SMOOTH)) for i, (step, _) in enumerate(points)
    ]


def thinned(points: Points) -> list[tuple[float, float]]:
    """At most about N_POINTS of them, with the last."""
    every = -(-len(points) // N_POINTS)
    return list(points[: len(points) - 1 : every]) + [points[-1]]


def _svg(inner: str, said: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(said)}">{inner}</svg>'

"""Small things that move in the air or the water: snow, rain, bubbles, leaves, pollen, dust, spray, stars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from neuroclips.simulation.exact import sine


@dataclass(frozen=True)
class Particles:
    """How one kind looks and moves; lengths in frames, speeds in frames per second [1/s]."""

    count: int
    colour: tuple[int, int, int]
    radius: tuple[float, float]
    fall: float  # downwards; negative rises
    wind: float
    sway: float  # sideways swing
    opacity: int = 230
    streak: float = 0.0  # length of a streak along the fall


WEATHER = {
    "snowfall": Particles(46, (255, 255, 255), (0.006, 0.014), 0.16, 0.05, 0.03),
    "rain": Particles(44, (214, 224, 236), (0.003, 0.004), 1.5, 0.12, 0.0, 120, 0.09),
    "bubbles": Particles(16, (226, 246, 255), (0.006, 0.018), -0.14, 0.0, 0.02, 130),
    "leaves": Particles(12, (206, 140, 52), (0.010, 0.016), 0.1, 0.06, 0.06),
    "pollen": Particles(18, (255, 250, 214), (0.004, 0.008), -0.02, 0.04, 0.04, 190),
    "dust": Particles(26, (244, 212, 158), (0.006, 0.02), 0.0, 0.3, 0.02, 90),
    "spray": Particles(14, (255, 255, 255), (0.004, 0.008), -0.06, 0.1, 0.02, 170),
}


def draw(canvas: Image.Image, kind: str, seed: int, time: float) -> None:
    """Draw one kind onto an RGB canvas, `time` [s] into the shot."""
    if kind == "twinkle":
        return _twinkle(canvas, seed, time)
    look, size = WEATHER[kind], canvas.width
    x, y, near, phase = np.random.default_rng([seed, 5]).random((4, look.count))
    y = (y + look.fall * (0.6 + 0.8 * near) * time) % 1.1 - 0.05
    x = (x + look.wind * (0.6 + 0.8 * near) * time + look.sway * sine(phase + 0.3 * time)) % 1.1 - 0.05
    radius = look.radius[0] + (look.radius[1] - look.radius[0]) * near
    pen = ImageDraw.Draw(canvas, "RGBA")
    for px, py, r in zip(x * size, y * size, radius * size, strict=True):
        if look.streak:
            pen.line(
                (px, py, px - look.streak * size * look.wind / look.fall, py - look.streak * size),
                (*look.colour, look.opacity),
            )
        else:
            pen.ellipse((px - r, py - r, px + r, py + r), (*look.colour, look.opacity))


def _twinkle(canvas: Image.Image, seed: int, time: float) -> None:
    x, y, phase, rate = np.random.default_rng([seed, 5]).random((4, 14))
    glow = 0.5 + 0.5 * sine(phase + (0.2 + 0.5 * rate) * time)
    pen, size = ImageDraw.Draw(canvas, "RGBA"), canvas.width
    r = max(0.5, 0.005 * size)
    for px, py, shine in zip(x * size, 0.7 * y * size, glow, strict=True):
        pen.ellipse((px - r, py - r, px + r, py + r), (235, 240, 255, int(250 * shine)))

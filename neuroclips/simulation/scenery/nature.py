"""Scenes of sky and land: sky, night, field, forest, desert, snow."""

from __future__ import annotations

import numpy as np

from neuroclips.simulation.exact import falloff, sine
from neuroclips.simulation.scenery.brush import WIDTH, Brush, Layer, Scene, rgb


def sky(b: Brush) -> Scene:
    air = b.gradient([58, 128, 228], [190, 224, 250])
    air += 60 * b.glow(b.rng.uniform(0.2, 1.4), 0.1, 0.2)
    far, near, wisps = b.clouds(0.44, 2.5, 3), b.clouds(0.48, 1.6, 2), b.clouds(0.4, 1.5, 3)
    shade = b.gradient([255, 255, 255], [212, 222, 238]) + 30 * b.noise(4)
    return Scene(
        back=(
            Layer(b.picture(air), 0),
            Layer(b.cut(rgb(238, 245, 252), 0.7 * far), 0.2, 0.01),
            Layer(b.cut(shade, 0.95 * near), 0.6, 0.012),
        ),
        front=(Layer(b.cut(rgb(255, 255, 255), 0.45 * wisps), 1.4, 0.012),),
        light=(1.02, 1.02, 1.02),
    )


def night(b: Brush) -> Scene:
    air = b.gradient([7, 9, 36], [44, 48, 104])
    milky = falloff((b.y - 0.3 - 0.25 * (b.x - 0.8)) * (b.y - 0.3 - 0.25 * (b.x - 0.8)) / 0.02)
    air += rgb(46, 44, 66) * milky * np.clip(b.noise(4, 4) + 0.6, 0, 1)
    for x, y, glow in b.rng.uniform([0, 0, 0.3], [WIDTH, 0.85, 1.0], (110, 3)):
        row, col = int(y * b.height), int(x * b.height)
        air[row, col] += 190 * glow * glow
    hills = b.cut(rgb(12, 14, 34) + 8 * b.noise(6), b.below(b.ridge(0.86, 0.12, 1.5)))
    trees = b.cut(rgb(5, 7, 18), b.below(b.ridge(0.95, 0.09, 9, 3)))
    return Scene(
        back=(Layer(b.picture(air), 0), Layer(hills, 0.3)),
        front=(Layer(trees, 1.2),),
        light=(0.86, 0.88, 1.0),
        weather=("twinkle",),
    )


def field(b: Brush) -> Scene:
    horizon = b.rng.uniform(0.44, 0.52)
    air = b.gradient([96, 172, 248], [222, 240, 254], 0, horizon)
    cloud = b.cut(rgb(255, 255, 255), 0.9 * b.clouds(0.46) * (1 - b.below(horizon)))
    hills = b.cut(
        b.gradient([130, 168, 190], [138, 182, 140], 0.3, horizon) + 14 * b.noise(4),
        b.below(b.ridge(horizon - 0.08, 0.12, 1)),
    )
    grove = b.ridge(horizon - 0.02, 0.09, 7, 3)
    trees = b.cut(
        b.gradient([84, 140, 74], [48, 98, 52], horizon - 0.1, horizon + 0.02) + 60 * b.noise(14, 2), b.below(grove)
    )
    grass = b.gradient([142, 198, 88], [58, 132, 48], horizon, 1) + 30 * b.noise(12, 3, 2) + 26 * b.noise(2, 3, 2)
    for x, y in b.rng.uniform([0, horizon + 0.08], [WIDTH, 0.98], (26, 2)):
        petal = b.disc(x, y, 0.004 + 0.012 * (y - horizon))
        grass += (rgb(*[(255, 236, 120), (255, 255, 255), (250, 150, 170)][int(1000 * x) % 3]) - grass) * petal
    blades = b.cut(b.gradient([112, 178, 62], [40, 104, 36], 0.84, 1), b.blades(1.0, 0.15, 60, 0.009))
    return Scene(
        back=(
            Layer(b.picture(air), 0),
            Layer(cloud, 0.06, 0.012),
            Layer(hills, 0.2),
            Layer(trees, 0.45),
            Layer(b.cut(grass, b.below(horizon)), 0.9),
        ),
        front=(Layer(blades, 1.35, 0, 0.004),),
        shadow=0.4,
        weather=("pollen",) if b.rng.random() < 0.3 else (),
    )


def _trunks(b: Brush, count: int, low: float, high: float, foot: float) -> np.ndarray:
    mask = np.zeros((b.height, b.width, 1), np.float32)
    for x, half in b.rng.uniform([0, low], [WIDTH, high], (count, 2)):
        lean = 0.02 * sine(7 * x)
        mask = np.maximum(
            mask, np.clip((half * (0.8 + 0.4 * b.y) - np.abs(b.x - x - lean * b.y)) * b.height + 0.5, 0, 1)
        )
    return mask * (1 - b.below(foot))


def forest(b: Brush) -> Scene:
    canopy = b.gradient([176, 208, 132], [92, 134, 76], 0, 0.75) + 66 * b.noise(7, 3)
    canopy += 60 * b.glow(b.rng.uniform(0.3, 1.3), 0.15, 0.25)
    pale = b.cut(rgb(122, 134, 100) + 30 * b.noise(5), 0.8 * _trunks(b, 12, 0.008, 0.02, 0.72))
    dark = b.cut(rgb(84, 64, 46) + 50 * b.noise(10, 3, 0.4), _trunks(b, 6, 0.025, 0.05, 0.78))
    floor = b.gradient([104, 120, 58], [66, 70, 36], 0.7, 1) + 44 * b.noise(12, 3) + 36 * b.noise(3, 2, 2)
    slant = b.x - 0.4 * b.y
    beam = np.clip(sine(slant * 1.7 + b.rng.uniform(0, 1)) * sine(slant * 4.3), 0, 1) * np.clip(1 - b.y, 0, 1)
    leaves = b.cut(
        b.gradient([150, 190, 90], [60, 100, 46], 0, 0.3) + 70 * b.noise(12, 3), 1 - b.below(b.ridge(0.06, 0.2, 6, 3))
    )
    fern = b.cut(b.gradient([76, 122, 50], [28, 62, 28], 0.8, 1), b.blades(1.0, 0.22, 34, 0.012))
    return Scene(
        back=(
            Layer(b.picture(canopy), 0.1),
            Layer(pale, 0.35),
            Layer(b.cut(floor, b.below(b.ridge(0.72, 0.03, 3))), 0.85),
            Layer(dark, 0.75),
            Layer(b.cut(rgb(255, 250, 205), 0.35 * beam), 0.3, 0.006),
        ),
        front=(Layer(leaves, 1.2, 0, 0.006), Layer(fern, 1.35)),
        light=(0.95, 1.0, 0.92),
        shadow=0.45,
        weather=("leaves",) if b.rng.random() < 0.5 else ("pollen",),
    )


def desert(b: Brush) -> Scene:
    level = b.rng.uniform(0.48, 0.58)
    air = b.gradient([104, 170, 232], [252, 230, 188], 0, level) + 50 * b.glow(b.rng.uniform(0.2, 1.5), 0.16, 0.12)
    steps = np.floor(b.ridge(0, 5, 1.6, 2)) / 5  # mesas have flat tops
    mesas = b.cut(
        b.gradient([214, 158, 120], [196, 130, 92], level - 0.2, level) + 26 * sine(b.y * 22) + 20 * b.noise(5),
        b.below(level - 0.04 + 0.2 * steps),
    )
    crest = b.ridge(level, 0.12, 1, 2)
    far = b.cut(b.gradient([238, 196, 128], [214, 160, 96], level, 0.8) + 16 * b.noise(4, 3, 3), b.below(crest))
    dune = b.ridge(level + 0.2, 0.16, 0.9, 2)
    ripple = 12 * sine(b.y * 30 + 3 * b.noise(2, 2, 2)) * np.clip((b.y - dune) * 3, 0, 1)
    near = b.cut(
        b.gradient([246, 204, 136], [206, 150, 84], level + 0.1, 1) + ripple + 14 * b.noise(10, 2), b.below(dune)
    )
    return Scene(
        back=(Layer(b.picture(air), 0), Layer(mesas, 0.15), Layer(far, 0.5), Layer(near, 0.9)),
        light=(1.04, 1.0, 0.94),
        shadow=0.42,
        weather=("dust",) if b.rng.random() < 0.4 else (),
    )


def snow(b: Brush) -> Scene:
    air = b.gradient([138, 178, 224], [232, 240, 250], 0, 0.5)
    ridge = b.ridge(b.rng.uniform(0.28, 0.36), 0.3, 1.6, 5)
    rock = b.gradient([142, 158, 188], [176, 192, 214], 0.2, 0.55) + 76 * b.noise(6, 4)
    cap = np.clip((ridge + 0.11 + 0.1 * b.noise(9, 2) - b.y) * 18, 0, 1)
    mountains = b.cut(rock + (rgb(246, 249, 254) - rock) * cap, b.below(ridge))
    saw = np.abs((b.x * 13 + 2 * b.noise(3, 2)[:1]) % 1 - 0.5) * 2  # pointed firs side by side
    firs = b.cut(
        b.gradient([92, 124, 118], [52, 84, 82], 0.42, 0.56) + 40 * b.noise(14, 2),
        b.below(0.43 + 0.1 * saw + b.ridge(0, 0.08, 3)),
    )
    ground = b.gradient([250, 252, 255], [214, 226, 244], 0.5, 1) + 14 * b.noise(8, 3, 2) + 16 * b.noise(1.5, 2, 2)
    drift = b.cut(b.gradient([244, 248, 254], [222, 232, 248], 0.9, 1), b.below(b.ridge(0.96, 0.06, 1.6, 2)))
    return Scene(
        back=(
            Layer(b.picture(air), 0),
            Layer(mountains, 0.12),
            Layer(firs, 0.45),
            Layer(b.cut(ground, b.below(b.ridge(0.54, 0.04, 1))), 0.9),
        ),
        front=(Layer(drift, 1.3),),
        light=(0.98, 1.0, 1.04),
        shadow=0.24,
        weather=("snowfall",) if b.rng.random() < 0.7 else (),
    )


NATURE = {"sky": sky, "night": night, "field": field, "forest": forest, "desert": desert, "snow": snow}

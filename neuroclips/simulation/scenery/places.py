"""Scenes that people built: city and room."""

from __future__ import annotations

import numpy as np

from neuroclips.simulation.exact import falloff, sine
from neuroclips.simulation.scenery.brush import WIDTH, Brush, Layer, Scene, rgb

WALLS = np.asarray([[176, 120, 96], [150, 154, 168], [196, 176, 146], [120, 132, 150], [206, 196, 184]], np.float32)


def _towers(b: Brush, low: float, high: float, foot: float, narrow: float, colour) -> tuple[np.ndarray, np.ndarray]:
    """Colours and mask of a row of houses with windows."""
    canvas = np.zeros((b.height, b.width, 3), np.float32)
    mask = np.zeros((b.height, b.width, 1), np.float32)
    left = 0.0
    while left < WIDTH:
        width, top = b.rng.uniform(narrow, 2 * narrow), b.rng.uniform(low, high)
        house = b.band(left, left + width) * b.below(top) * (1 - b.below(foot))
        wall = colour() + 18 * (b.x - left) / width  # lit from the right
        pitch = 0.055
        rows, cols = ((b.y - top) / pitch) % 1, ((b.x - left) / pitch) % 1
        glass = (rows > 0.3) & (rows < 0.8) & (cols > 0.25) & (cols < 0.75) & (b.y > top + 0.02)
        lit = np.floor((b.y - top) / pitch) * 7 + np.floor((b.x - left) / pitch) * 13 + b.rng.integers(9)
        pane = np.where(lit % 5 < 1, rgb(255, 232, 160), rgb(92, 116, 146))
        canvas = np.where(house > 0, np.where(glass, pane, wall), canvas)
        mask = np.maximum(mask, house)
        left += width
    return canvas, mask


def city(b: Brush) -> Scene:
    air = b.gradient([140, 184, 232], [236, 238, 240], 0, 0.7)
    cloud = b.cut(rgb(255, 255, 255), 0.7 * b.clouds(0.42) * (1 - b.below(0.5)))
    far, far_mask = _towers(b, 0.12, 0.42, 0.72, 0.08, lambda: rgb(168, 182, 200))
    near, near_mask = _towers(b, 0.02, 0.4, 0.74, 0.2, lambda: WALLS[b.rng.integers(len(WALLS))])
    gaps = b.ridge(0, 1, 1.4, 2) > -0.06  # squares between the houses
    crowns = b.cut(
        b.gradient([120, 170, 84], [62, 110, 58], 0.5, 0.72) + 60 * b.noise(14, 2),
        b.below(b.ridge(0.63, 0.16, 4, 2)) * (1 - b.below(0.73)) * ~gaps,
    )
    street = b.gradient([96, 98, 106], [66, 66, 72], 0.78, 1) + 12 * b.noise(14, 2, 2)
    pavement = b.gradient([196, 192, 184], [172, 168, 162], 0.72, 0.79) - 20 * ((b.x * 9) % 1 < 0.05)
    street = street + (pavement - street) * (1 - b.below(0.79))
    dash = b.below(0.895) * (1 - b.below(0.912)) * ((b.x * 2.6) % 1 < 0.5)
    street = street + (rgb(238, 226, 170) - street) * dash
    rain = b.rng.random() < 0.25
    if rain:
        street = street * 0.82 + 26 * falloff((b.y - 0.85) * (b.y - 0.85) / 0.01)
    return Scene(
        back=(
            Layer(b.picture(air if not rain else 0.8 * air), 0),
            Layer(cloud, 0.05, 0.01),
            Layer(b.cut(far, 0.85 * far_mask), 0.2),
            Layer(crowns, 0.5),
            Layer(b.cut(near, near_mask * gaps), 0.55),
            Layer(b.cut(street, b.below(0.72)), 0.95),
        ),
        shadow=0.42,
        light=(0.9, 0.93, 0.98) if rain else (1.0, 1.0, 1.0),
        weather=("rain",) if rain else (),
    )


def room(b: Brush) -> Scene:
    tone = rgb(*[(226, 206, 180), (196, 210, 206), (214, 196, 206), (220, 216, 196)][b.rng.integers(4)])
    cx, left = b.rng.uniform(0.3, 1.2), b.rng.uniform(0.15, 0.9)
    wall = tone + 10 * sine(b.x * 9) * (b.rng.random() < 0.5) + 26 * b.glow(cx, 0.3, 0.4) - 18 * b.y + 6 * b.noise(3)
    frame = b.band(left, left + 0.42) * b.below(0.08) * (1 - b.below(0.5))
    wall = wall + (rgb(250, 247, 240) - wall) * frame
    for pane in (left + 0.03, left + 0.22):
        glass = b.band(pane, pane + 0.17) * b.below(0.11) * (1 - b.below(0.47))
        view = b.gradient([132, 194, 246], [214, 236, 250], 0.1, 0.47) + 40 * b.clouds(0.5)
        wall = wall + (view - wall) * glass
    art = (left + 0.75) % (WIDTH - 0.4)
    picture = b.band(art, art + 0.24) * b.below(0.14) * (1 - b.below(0.38))
    wall = wall + (rgb(110, 78, 56) - wall) * picture
    inner = b.band(art + 0.02, art + 0.22) * b.below(0.16) * (1 - b.below(0.36))
    wall = wall + (rgb(200, 150, 110) + 130 * b.noise(3, 3) - wall) * inner
    boards = 22 * (((b.x - 1) / (b.y + 0.2) * 5) % 1 < 0.06)  # perspective
    floor = b.gradient([178, 126, 84], [134, 88, 56], 0.74, 1) + 22 * b.noise(5, 3, 4) - boards
    rug = falloff((b.x - cx) * (b.x - cx) / 0.12 + (b.y - 0.9) * (b.y - 0.9) / 0.004) > 0.36
    floor = np.where(
        rug, rgb(*[(168, 70, 70), (70, 96, 140), (92, 120, 92)][b.rng.integers(3)]) + 24 * b.noise(12, 2), floor
    )
    skirting = b.below(0.715) * (1 - b.below(0.745))
    wall = wall + (rgb(246, 242, 234) - wall) * skirting
    patch = np.clip(1 - np.abs(b.x + 0.6 * (b.y - 0.74) - left - 0.2) * 6, 0, 1) * b.below(0.76)
    sunlight = b.cut(rgb(255, 244, 208), 0.4 * np.clip(2 * patch, 0, 1))
    return Scene(
        back=(Layer(b.picture(wall), 0.8), Layer(b.cut(floor, b.below(0.745)), 0.95), Layer(sunlight, 0.95, 0.008)),
        shadow=0.38,
        weather=("pollen",) if b.rng.random() < 0.2 else (),
    )


PLACES = {"city": city, "room": room}

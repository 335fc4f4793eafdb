"""Paint the background of a shot: a still picture, wider than the frame so that the camera can pan."""

from __future__ import annotations

import numpy as np
from PIL import Image

WIDTH = 1.5  # width of a painted scene in frame heights


def paint(scene: str, rng: np.random.Generator, size: int) -> np.ndarray:
    """Paint `scene` as uint8 of shape (size, round(1.5 * size), 3)."""
    height, width = size, round(WIDTH * size)
    tint = rng.uniform(-14, 14, 3)  # before what depends on the size
    canvas = PAINTERS[scene](_Brush(rng, height, width))
    return np.clip(canvas + tint, 0, 255).astype(np.uint8)


class _Brush:
    """Shared tools of the painters; colours are RGB in 0..255, y runs from 0 (top) to 1."""

    def __init__(self, rng: np.random.Generator, height: int, width: int):
        self.rng, self.height, self.width = rng, height, width
        self.y = np.linspace(0, 1, height)[:, None, None]
        self.x = np.linspace(0, WIDTH, width)[None, :, None]

    def gradient(self, top, bottom) -> np.ndarray:
        ramp = (1 - self.y) * np.asarray(top, float) + self.y * np.asarray(bottom, float)
        return np.broadcast_to(ramp, (self.height, self.width, 3)).copy()

    def noise(self, octaves: int = 4, stretch: float = 1.0) -> np.ndarray:
        """Smooth noise in [0, 1], (height, width, 1); stretch > 1 draws it out sideways."""
        total = np.zeros((self.height, self.width), np.float32)
        for octave in range(octaves):
            rows = 2 ** (octave + 1) + 1
            cols = max(2, round(rows * WIDTH / stretch))
            coarse = Image.fromarray(self.rng.random((rows, cols)).astype(np.float32))
            total += np.asarray(coarse.resize((self.width, self.height), Image.Resampling.BICUBIC)) / 2**octave
        return ((total - total.min()) / (np.ptp(total) + 1e-6))[..., None]

    def below(self, horizon, upper, lower) -> np.ndarray:
        """`upper` above the line `horizon` (a number or a (1, width, 1) skyline), `lower` below it."""
        return np.where(self.y < horizon, upper, lower)

    def glow(self, cx: float, cy: float, radius: float) -> np.ndarray:
        return np.exp(-((self.x - cx) ** 2 + (self.y - cy) ** 2) / (2 * radius**2))

    def hills(self, level: float, amount: float) -> np.ndarray:
        phase = self.rng.uniform(0, 6.28, 3)
        waves = sum(np.sin((k + 1) * 2.6 * self.x + p) / (k + 1) for k, p in enumerate(phase))
        return level + amount * waves / 2


def _ocean(b: _Brush) -> np.ndarray:
    sky = b.gradient([150, 200, 245], [225, 240, 250])
    waves = 34 * (b.noise(5, 6) - 0.5) * (0.3 + b.y)
    return b.below(b.rng.uniform(0.26, 0.4), sky, b.gradient([60, 150, 200], [10, 70, 130]) + waves)


def _underwater(b: _Brush) -> np.ndarray:
    rays = np.clip(np.sin(14 * (b.x + 0.35 * b.y) + b.rng.uniform(0, 6)), 0, 1) * (1 - b.y)
    return b.gradient([30, 130, 190], [4, 30, 80]) + 26 * rays + 22 * (b.noise() - 0.5)


def _beach(b: _Brush) -> np.ndarray:
    sea = b.below(b.rng.uniform(0.2, 0.3), b.gradient([140, 200, 250], [210, 235, 250]), [70, 170, 200] + 0 * b.x)
    sand = b.gradient([240, 220, 170], [215, 185, 130]) + 30 * (b.noise(5) - 0.5)
    shore = b.hills(b.rng.uniform(0.48, 0.58), 0.03)
    foam = np.exp(-(((b.y - shore) / 0.02) ** 2))
    return b.below(shore, sea, sand) * (1 - foam) + 250 * foam


def _sky(b: _Brush) -> np.ndarray:
    clouds = np.clip(b.noise(5, 2) - 0.52, 0, 1) * 2.4
    return b.gradient([70, 140, 235], [175, 215, 250]) * (1 - clouds) + 252 * clouds


def _sunset(b: _Brush) -> np.ndarray:
    sun = b.glow(b.rng.uniform(0.3, 1.2), 0.62, 0.1)
    sky = b.gradient([90, 60, 130], [255, 150, 70]) + 20 * (b.noise(4, 3) - 0.5)
    sky = sky * (1 - sun) + np.array([255, 235, 170]) * sun
    water = b.gradient([190, 100, 80], [60, 35, 80]) + 40 * (b.noise(5, 6) - 0.5)
    return b.below(0.68, sky, water)


def _night(b: _Brush) -> np.ndarray:
    sky = b.gradient([6, 8, 34], [30, 36, 88]) + 18 * (b.noise() - 0.5)
    stars = np.zeros_like(sky)
    places = (b.rng.random((80, 2)) * (b.height, b.width)).astype(int)
    stars[places[:, 0], places[:, 1]] = b.rng.uniform(60, 200, (80, 1))
    return sky + stars


def _field(b: _Brush) -> np.ndarray:
    sky = b.gradient([110, 180, 250], [215, 238, 255])
    far = np.broadcast_to([100, 160, 110], sky.shape)
    grass = b.gradient([110, 180, 70], [50, 120, 40]) + 40 * (b.noise(5) - 0.5)
    horizon = b.rng.uniform(0.4, 0.52)
    return b.below(horizon, b.below(b.hills(horizon - 0.08, 0.06), sky, far), grass)


def _forest(b: _Brush) -> np.ndarray:
    canvas = b.gradient([120, 170, 120], [70, 110, 60]) + 60 * (b.noise(5) - 0.5)
    for _ in range(9):
        x, half, shade = b.rng.uniform(0, WIDTH), b.rng.uniform(0.012, 0.035), b.rng.uniform(0.6, 1.1)
        trunk = (np.abs(b.x - x) < half) & (b.y < 0.74)
        canvas = np.where(trunk, np.array([92, 68, 48]) * shade, canvas)
    floor = b.gradient([80, 95, 45], [62, 66, 34]) + 34 * (b.noise(5) - 0.5)
    return b.below(0.72 + 0 * b.x, canvas, floor)


def _desert(b: _Brush) -> np.ndarray:
    sky = b.gradient([120, 180, 235], [250, 225, 180])
    far = np.broadcast_to([222, 170, 105], sky.shape)
    sand = b.gradient([240, 195, 125], [200, 145, 80]) + 26 * (b.noise(4, 4) - 0.5)
    level = b.rng.uniform(0.5, 0.6)
    return b.below(b.hills(level, 0.05), b.below(b.hills(level - 0.12, 0.08), sky, far), sand)


def _snow(b: _Brush) -> np.ndarray:
    sky = b.gradient([150, 185, 225], [225, 235, 248])
    ridge = b.hills(b.rng.uniform(0.3, 0.38), 0.12)
    mountain = b.gradient([170, 185, 210], [120, 140, 175]) + 30 * (b.noise(5) - 0.5)
    ground = b.gradient([248, 250, 253], [212, 224, 242]) + 14 * (b.noise(5) - 0.5)
    return b.below(0.52 + 0 * b.x, b.below(ridge, sky, mountain), ground)


def _city(b: _Brush) -> np.ndarray:
    canvas = b.gradient([165, 190, 220], [225, 225, 225])
    left = 0.0
    while left < WIDTH:
        width, top, grey = b.rng.uniform(0.1, 0.24), b.rng.uniform(0.08, 0.5), b.rng.uniform(75, 165)
        tower = (b.x >= left) & (b.x < left + width) & (b.y > top)
        windows = (np.sin(60 * b.x) > 0.4) & (np.sin(50 * b.y) > 0.4)
        canvas = np.where(tower, np.array([grey, grey, grey * 1.08]) + 26 * windows, canvas)
        left += width
    return b.below(0.72, canvas, b.gradient([70, 70, 76], [112, 112, 116]) + 14 * (b.noise(5) - 0.5))


def _room(b: _Brush) -> np.ndarray:
    wall = np.array([225, 205, 180]) + b.rng.uniform(-30, 20, 3) + 14 * (b.noise(3) - 0.5)
    canvas = np.broadcast_to(wall, (b.height, b.width, 3)).copy()
    left = b.rng.uniform(0.1, 0.8)
    frame = (b.x > left) & (b.x < left + 0.42) & (b.y > 0.1) & (b.y < 0.48)
    pane = (b.x > left + 0.03) & (b.x < left + 0.39) & (b.y > 0.13) & (b.y < 0.45)
    canvas = np.where(pane, [170, 215, 245], np.where(frame, [250, 248, 240], canvas))
    floor = b.gradient([165, 115, 75], [120, 78, 48]) + 20 * (b.noise(4, 8) - 0.5)
    return b.below(0.74, canvas, floor)


PAINTERS = {
    "ocean": _ocean, "underwater": _underwater, "beach": _beach, "sky": _sky, "sunset": _sunset, "night": _night,
    "field": _field, "forest": _forest, "desert": _desert, "snow": _snow, "city": _city, "room": _room,
}  # fmt: skip

"""What painters of scenes share: gradients, noise, skylines, and cutting a layer out of a picture."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from neuroclips.simulation.exact import bumps, falloff

WIDTH = 2.0  # of a painted layer, in frame heights: room for the camera and for drifting clouds


def rgb(*values: float) -> np.ndarray:
    """A colour, in 0..255."""
    return np.asarray(values, np.float32)


@dataclass(frozen=True)
class Layer:
    """One sheet of a scene. Speeds are in frames per second [1/s]."""

    image: Image.Image  # RGB or RGBA, (height, 2 * height)
    depth: float  # share of the camera's move that it follows: 0 very far, 1 where the object is, more in front
    drift: float = 0.0  # own speed to the left [1/s]
    bob: float = 0.0  # own swing up and down, in frame heights


@dataclass(frozen=True)
class Scene:
    """Layers from far to near, and what the objects in the scene need to know."""

    back: tuple[Layer, ...]
    front: tuple[Layer, ...] = ()
    water: float | None = None  # height of the water line; below it things glitter and mirror
    glints: tuple[np.ndarray, np.ndarray] | None = None  # two sheets of ripples, uint8 (height, 2 * height)
    sparkle: tuple[int, int, int] = (255, 255, 255)  # colour of the glints
    light: tuple[float, float, float] = (1.0, 1.0, 1.0)  # falls on the objects
    shadow: float = 0.0  # darkness of shadows on the ground
    weather: tuple[str, ...] = field(default=())


class Brush:
    """Tools of the painters; colours are RGB in 0..255, y runs from 0 (top) to 1, x from 0 to WIDTH."""

    def __init__(self, rng: np.random.Generator, height: int):
        self.rng, self.height, self.width = rng, height, round(WIDTH * height)
        self.y = ((np.arange(height, dtype=np.float32) + 0.5) / height)[:, None, None]
        self.x = ((np.arange(self.width, dtype=np.float32) + 0.5) / height)[None, :, None]

    def gradient(self, top, bottom, start: float = 0.0, stop: float = 1.0) -> np.ndarray:
        """`top` above y = start, `bottom` below y = stop: (height, width, 3)."""
        share = np.clip((self.y - start) / (stop - start), 0, 1)
        ramp = (1 - share) * np.asarray(top, np.float32) + share * np.asarray(bottom, np.float32)
        return np.broadcast_to(ramp, (self.height, self.width, 3)).copy()

    def noise(self, cells: float = 2, octaves: int = 4, stretch: float = 1.0) -> np.ndarray:
        """Noise in [-0.5, 0.5], (height, width, 1); stretch > 1 draws it out sideways."""
        return bumps(self.rng, (self.height, self.width), (cells, cells * WIDTH / stretch), octaves)[..., None] - 0.5

    def ridge(self, level: float, amount: float, cells: float = 2, octaves: int = 4) -> np.ndarray:
        """A skyline (1, width, 1) around `level`."""
        line = bumps(self.rng, (2, self.width), (1, cells * WIDTH), octaves)[:1]
        return level + amount * (line[..., None] - 0.5)

    def below(self, line) -> np.ndarray:
        """1 below a height or skyline, 0 above, soft over one pixel."""
        return np.clip((self.y - line) * self.height + 0.5, 0, 1)

    def band(self, left: float, right: float) -> np.ndarray:
        """1 between two x, 0 elsewhere, soft over one pixel: (1, width, 1)."""
        return np.clip((self.x - left) * self.height + 0.5, 0, 1) * np.clip((right - self.x) * self.height + 0.5, 0, 1)

    def glow(self, cx: float, cy: float, radius: float) -> np.ndarray:
        return falloff(((self.x - cx) * (self.x - cx) + (self.y - cy) * (self.y - cy)) / (radius * radius))

    def disc(self, cx: float, cy: float, radius: float) -> np.ndarray:
        away = np.sqrt((self.x - cx) * (self.x - cx) + (self.y - cy) * (self.y - cy))
        return np.clip((radius - away) * self.height + 0.5, 0, 1)

    def clouds(self, cover: float = 0.5, cells: float = 2, stretch: float = 2.0) -> np.ndarray:
        """How much cloud there is, (height, width, 1) in [0, 1]."""
        return np.clip((self.noise(cells, 5, stretch) + cover - 0.5) * 3, 0, 1)

    def picture(self, colours: np.ndarray) -> Image.Image:
        full = np.broadcast_to(colours, (self.height, self.width, 3))
        return Image.fromarray(np.clip(full + 0.5, 0, 255).astype(np.uint8))

    def cut(self, colours: np.ndarray, mask: np.ndarray) -> Image.Image:
        """The picture where `mask` (in [0, 1]) is, transparent elsewhere."""
        image = self.picture(colours)
        mask = np.broadcast_to(mask, (self.height, self.width, 1))[..., 0]
        image.putalpha(Image.fromarray((np.clip(mask, 0, 1) * 255 + 0.5).astype(np.uint8)))
        return image

    def ripples(self, line: float) -> tuple[np.ndarray, np.ndarray]:
        """Two sheets of ripples below `line`, finer towards it: uint8 (height, width)."""
        share = np.clip((self.y[:, 0, 0] - line) / (1 - line), 0, 1)
        rows = (np.sqrt(share) * (self.height - 1)).astype(int)  # perspective
        sheets = (self.noise(16, 2, 5)[rows], self.noise(16, 2, 5)[rows])
        first, second = (((s[..., 0] + 0.5) * 255).astype(np.uint8) for s in sheets)
        return first, second

    def blades(self, base: float, tall: float, count: int, width: float = 0.012) -> np.ndarray:
        """Mask of `count` leaning blades of grass that rise from below `base`: (height, width, 1)."""
        mask = np.zeros((self.height, self.width, 1), np.float32)
        for x, rise, lean in self.rng.uniform([0, 0.4, -0.25], [WIDTH, 1.0, 0.25], (count, 3)):
            up = np.clip((base + 0.12 - self.y) / (tall * rise + 0.12), 0, 1)  # 0 at the foot, 1 at the tip
            half = width * (1 - up) * (up < 1)
            centre = x + lean * tall * up * up
            left, right = max(0, int((x - tall) * self.height)), int((x + tall) * self.height) + 2
            part = np.clip((half - np.abs(self.x[:, left:right] - centre)) * self.height + 0.5, 0, 1) * (half > 0)
            mask[:, left:right] = np.maximum(mask[:, left:right], part)
        return mask

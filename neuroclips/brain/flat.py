"""Any map of the cortex as a flat picture, from the shipped look-up pictures: no mesh is needed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from neuroclips.paths import ASSETS

DISC_WIDTH = 900  # in which places on the map are told, whatever the width of its pictures


@lru_cache(maxsize=1)
def _rows(folder: Path = ASSETS / "brain") -> np.ndarray:
    """The grayordinate under every pixel, (height, width), -1 where there is none."""
    rgba = np.asarray(Image.open(folder / "index.webp").convert("RGBA")).astype(np.int64)
    return np.where(rgba[..., 3] > 0, rgba[..., 0] + (rgba[..., 1] << 8) + (rgba[..., 2] << 16), 0) - 1


def flat_picture(values: np.ndarray) -> np.ndarray:
    """Values (59412,) under every pixel, (height, width) float; NaN where there is no cortex or no value."""
    rows = _rows()
    return np.where(rows >= 0, np.asarray(values, float)[rows], np.nan)


def disc_rows(x: float, y: float, radius: float) -> np.ndarray:
    """The grayordinates (n,) under a disc of the flat map; all three in 900ths of its width."""
    rows = _rows()
    x, y, radius = (value * rows.shape[1] / DISC_WIDTH for value in (x, y, radius))
    top, left = max(0, int(y - radius)), max(0, int(x - radius))
    box = rows[top : max(0, int(y + radius) + 2), left : max(0, int(x + radius) + 2)]  # it alone may hold some
    down, right = np.ogrid[top : top + box.shape[0], left : left + box.shape[1]]
    inside = (right - x) ** 2 + (down - y) ** 2 <= radius**2
    return np.unique(box[inside & (box >= 0)])


def background(folder: Path = ASSETS / "brain") -> np.ndarray:
    """Grey folds and dark area borders to draw on, uint8 (height, width, 4)."""
    under = Image.open(folder / "under.webp").convert("RGBA")
    return np.asarray(Image.alpha_composite(under, Image.open(folder / "borders.webp").convert("RGBA")))

"""Arithmetic that gives the same bits on every machine, so that films are the same frames everywhere.

Only IEEE-exact operations (+ - * / and comparisons), a rounded sine table, and Pillow's fixed-point resampling of
bytes: no exp, no library sine over arrays, no float resampling, whose last bits differ between processors.
"""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

_STEPS = 4096
_TABLE = np.round(np.array([math.sin(2 * math.pi * i / _STEPS) for i in range(_STEPS)]) * 2**20) / 2**20


def sine(turns):
    """Sine of an angle in turns, to 1/4096 of a turn; a number or an array."""
    index = np.floor(np.asarray(turns, float) * _STEPS + 0.5).astype(np.int64) % _STEPS
    found = _TABLE[index]
    return float(found) if found.ndim == 0 else found.astype(np.float32)


def falloff(squared):
    """A soft hill: 1 at 0, falling like a Gaussian at first, with longer skirts."""
    return 1 / ((1 + squared / 2) * (1 + squared / 2))


def bumps(rng: np.random.Generator, shape: tuple[int, int], cells: tuple[float, float], octaves: int) -> np.ndarray:
    """Smooth noise in [0, 1], float32 of `shape`; `cells` are the coarsest bumps per height and per width.

    The random numbers do not depend on `shape`: the same picture at any size.
    """
    total, weight = np.zeros(shape, np.float32), 1.0
    for octave in range(octaves):
        rows, cols = (max(2, round(c * 2**octave) + 1) for c in cells)
        coarse = Image.fromarray(rng.integers(0, 256, (rows, cols), np.uint8))
        total += np.float32(weight) * np.asarray(coarse.resize(shape[::-1], Image.Resampling.BICUBIC))
        weight /= 2
    low, high = total.min(), total.max()
    return (total - low) / (high - low + np.float32(1e-3))

"""Frames of simulated web shots, drawn when asked for.

NumPy alone, so that processes which only draw start quickly.
"""

from __future__ import annotations

import numpy as np

from neuroclips.film_size import film_pixels
from neuroclips.simulation.render import render
from neuroclips.simulation.shots import Shot, web_shot

CLIP_FRAMES = 16
CLIP_FPS = 8  # [Hz]
HELD_OUT = 90_000  # web shots from here on are never trained on


def time_of(index: int) -> float:
    """When the clip of web shot `index` starts, in [s] after the shot's own start."""
    return np.random.default_rng([9, index]).uniform(0, web_shot(index).duration - CLIP_FRAMES / CLIP_FPS)


def web_shots(first: int, n_shots: int) -> list[Shot]:
    """The scripts of web shots `first` to `first + n_shots`."""
    return [web_shot(i) for i in range(first, first + n_shots)]


def frames_of(shot: Shot, start: float, n_frames: int) -> np.ndarray:
    """`n_frames` consecutive frames at 8 fps of a shot from `start` [s] on, uint8 (n_frames, 3, H, W)."""
    frames = np.stack([render(shot, start + frame / CLIP_FPS, film_pixels()) for frame in range(n_frames)])
    return frames.transpose(0, 3, 1, 2)  # (n_frames, 3, H, W)


def web_clip(index: int, n_frames: int = CLIP_FRAMES) -> np.ndarray:
    """The first frames of the clip of web shot `index`, uint8 (n_frames, 3, H, W)."""
    return frames_of(web_shot(index), time_of(index), n_frames)

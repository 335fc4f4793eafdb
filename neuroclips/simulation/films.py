"""Frames of the simulated films: any clip or stretch of a film, at any frame rate and even size."""

from __future__ import annotations

import numpy as np

from neuroclips.simulation.render import render
from neuroclips.simulation.shots import TR, shot_at


def frame_at(kind: str, film: int, time: float, pixels: int) -> np.ndarray:
    """The frame at `time` [s] of a film, uint8 (pixels, pixels, 3)."""
    shot = shot_at(kind, film, time)
    return render(shot, time - shot.start, pixels)


def frames(kind: str, film: int, start: float, n_frames: int, fps: float, pixels: int) -> np.ndarray:
    """`n_frames` frames from `start` [s] on at `fps` [Hz], uint8 (n_frames, pixels, pixels, 3)."""
    return np.stack([frame_at(kind, film, start + i / fps, pixels) for i in range(n_frames)])


def clip_frames(kind: str, film: int, tr: int, n_frames: int, pixels: int) -> np.ndarray:
    """The `n_frames` evenly spaced frames of one TR, uint8 (n_frames, pixels, pixels, 3)."""
    return frames(kind, film, tr * TR, n_frames, n_frames / TR, pixels)

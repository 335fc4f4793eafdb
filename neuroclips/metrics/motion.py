"""Where things move: optical flow between scored frames, and motion energy of all of them.

A film that does not move has no flow and no opponent energy. Its end-point error is the mean length of the true flow,
which matched films often exceed; its energy correlation is 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from neuroclips.metrics.opencv import opencv

GRID = 64  # flow vectors are kept at every so many pixels that there are at most GRID a side
ENERGY_PIXELS, ENERGY_FPS = 32, 3  # what motion energy is computed at


def flow_of(frames: np.ndarray, kind: str, pixels: int) -> np.ndarray:
    """Optical flow (n_frames - 1, 2, h, w) [pixels per step] of frames (n_frames, 3, H, W) uint8, made square.

    pixels : edge of the frames. kind : "dis", dense inverse search (Kroeger et al. 2016), or "farneback" (Farneback
    2003). Computed at every pixel, kept at every so many that h, w are at most GRID: neighbours say nearly the same.
    """
    gray = [_gray(frame, pixels) for frame in frames]
    flow, step = FLOWS[kind](), grid_step(pixels)
    fields = [flow(a, b)[step // 2 :: step, step // 2 :: step] for a, b in zip(gray[:-1], gray[1:], strict=True)]
    if not fields:
        return np.zeros((0, 2, 1, 1), np.float32)
    return np.stack(fields).transpose(0, 3, 1, 2).astype(np.float32)  # (n_frames - 1, 2, h, w)


def grid_step(pixels: int) -> int:
    """Of how many pixels one has its flow kept, each way, in frames of this edge."""
    return -(-pixels // GRID)


def _gray(frame: np.ndarray, pixels: int) -> np.ndarray:
    cv2 = opencv()
    gray = cv2.cvtColor(cv2.merge(list(frame)), cv2.COLOR_RGB2GRAY)
    shrinks = gray.shape[0] > pixels
    return cv2.resize(gray, (pixels, pixels), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


Flow = Callable[[np.ndarray, np.ndarray], np.ndarray]  # gray frames (H, W) uint8 to displacements (H, W, 2)


def _dis() -> Flow:
    cv2 = opencv()
    search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return lambda a, b: search.calc(a, b, None)


def _farneback() -> Flow:
    """With the parameters of OpenCV's own tutorial, which such programs mostly keep."""
    options = {"pyr_scale": 0.5, "levels": 3, "winsize": 15, "iterations": 3, "poly_n": 5, "poly_sigma": 1.2}
    return lambda a, b: opencv().calcOpticalFlowFarneback(a, b, None, **options, flags=0)


FLOWS: dict[str, Callable[[], Flow]] = {"dis": _dis, "farneback": _farneback}


def energy_of(frames: np.ndarray) -> np.ndarray:
    """Opponent motion energy (n_pairs,) of frames (n_frames, 3, H, W) uint8, taken as 3 per second.

    Of every place, scale and axis of a pyramid of pymoten (Nishimoto et al. 2011), how much more moves one way than the
    other (Adelson & Bergen 1985): the difference of the roots of two energies, the mean over all whole windows in time.
    """
    bank = _bank()
    if len(frames) < bank.width:
        return np.zeros(len(bank.forth), np.float32)
    gray = np.stack([_gray(frame, ENERGY_PIXELS) for frame in frames]).reshape(len(frames), -1)  # (n_frames, h * w)
    seen = np.einsum(
        "tp,kfp->ktf", gray / 255, bank.spatial, optimize=True
    )  # (2, n_frames, n_filters), sine and cosine
    sine, cosine = sliding_window_view(seen, bank.width, 1)[
        ..., ::-1
    ]  # (n_windows, n_filters, width) each, latest first
    slow, fast = bank.temporal[0], bank.temporal[1]  # sine and cosine in time, (n_filters, width)
    one = (sine * fast + cosine * slow).sum(-1)
    other = (cosine * fast - sine * slow).sum(-1)
    energy = np.hypot(one, other).mean(0)  # (n_filters,)
    return (energy[bank.forth] - energy[bank.back]).astype(np.float32)


@dataclass(frozen=True)
class _Bank:
    """Gabor filters: spatial (2, n_filters, h * w) and temporal (2, n_filters, width) sines and cosines, and the rows
    of those that differ by the opposite direction alone."""

    spatial: np.ndarray
    temporal: np.ndarray
    forth: list[int]
    back: list[int]

    @property
    def width(self) -> int:
        return self.temporal.shape[-1]


@lru_cache(maxsize=1)
def _bank() -> _Bank:
    import moten

    filters = moten.pyramids.MotionEnergyPyramid(
        stimulus_vhsize=(ENERGY_PIXELS, ENERGY_PIXELS),
        stimulus_fps=ENERGY_FPS,
        temporal_frequencies=[1],
        spatial_frequencies=[2, 4, 8],
        filter_temporal_width=3,
    ).filters
    gabors = [moten.core.mk_3d_gabor((ENERGY_PIXELS, ENERGY_PIXELS), **one) for one in filters]
    spatial, temporal = (np.stack([[np.ravel(g) for g in gabor[part]] for gabor in gabors], 1) for part in PARTS)
    rows = {(_place(one), round(one["direction"])): row for row, one in enumerate(filters)}
    forth = [row for (_, direction), row in rows.items() if direction < 180]
    back = [rows[_place(filters[row]), round(filters[row]["direction"]) + 180] for row in forth]
    return _Bank(spatial, temporal, forth, back)


PARTS = slice(0, 2), slice(2, 4)  # of a Gabor of pymoten: sine and cosine in space, then in time


def _place(one: dict) -> tuple[float, ...]:
    return one["centerh"], one["centerv"], one["spatial_freq"]

"""Where things move: optical flow between scored frames, and motion energy of all of them.

A film that does not move has no flow and no opponent energy. Its end-point error is the mean length of the true flow,
which matched films often exceed; its energy correlation is 0.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from neuroclips.metrics.opencv import opencv

GRID = 64  # flow vectors are kept at every so many pixels that there are at most GRID a side
ENERGY_PIXELS, ENERGY_FPS = 32, 3  # what motion energy is computed at
DIRECTIONS = (0, 45, 90, 135, 180, 225, 270, 315)  # [degrees]


def flow_of(frames: np.ndarray, kind: str, pixels: int) -> np.ndarray:
    """Optical flow (n_frames - 1, 2, h, w) [pixels per step] of frames (n_frames, 3, H, W) uint8, made square.

    pixels : edge of the frames. kind : "dis", dense inverse search (Kroeger et al. 2016), or "farneback" (Farneback
    2003). Computed at every pixel, kept at every so many that h, w are at most GRID: neighbours say nearly the same.
    """
    gray = [_gray(frame, pixels) for frame in frames]
    flow, step = FLOWS[kind](), -(-pixels // GRID)
    fields = [flow(a, b)[step // 2 :: step, step // 2 :: step] for a, b in zip(gray[:-1], gray[1:], strict=True)]
    if not fields:
        return np.zeros((0, 2, 1, 1), np.float32)
    return np.stack(fields).transpose(0, 3, 1, 2).astype(np.float32)  # (n_frames - 1, 2, h, w)


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


@lru_cache(maxsize=4)
def _pyramid():
    import moten

    return moten.pyramids.MotionEnergyPyramid(
        stimulus_vhsize=(ENERGY_PIXELS, ENERGY_PIXELS),
        stimulus_fps=ENERGY_FPS,
        temporal_frequencies=[1],
        spatial_frequencies=[2, 4, 8],
        spatial_directions=DIRECTIONS,
        filter_temporal_width=3,
    )


def energy_of(frames: np.ndarray) -> np.ndarray:
    """Opponent motion energy (n_filters,) of frames (n_frames, 3, H, W) uint8, taken as 3 per second.

    Of every place, scale and axis of pymoten's pyramid (Nishimoto et al. 2011), how much more moves one way than the
    other (Adelson & Bergen 1985): the difference of the square roots of the two energies, the mean over time.
    """
    gray = np.stack([_gray(frame, ENERGY_PIXELS) for frame in frames]) / 255.0
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):  # a bar per film
        energy = np.sqrt(np.maximum(_pyramid().project_stimulus(100 * gray), 0)).mean(0)  # (n_all,)
    forth, back = _opposites()
    return (energy[forth] - energy[back]).astype(np.float32)


@lru_cache(maxsize=1)
def _opposites() -> tuple[np.ndarray, np.ndarray]:
    """Filters of directions below 180 degrees, and those that differ from them by the other direction alone."""
    filters = _pyramid().filters
    place = {_key(one, one["direction"]): i for i, one in enumerate(filters)}
    forth = [i for i, one in enumerate(filters) if one["direction"] < 180]
    back = [place[_key(filters[i], filters[i]["direction"] + 180)] for i in forth]
    return np.array(forth), np.array(back)


def _key(one: dict, direction: float) -> tuple:
    return (one["centerh"], one["centerv"], one["spatial_freq"], one["spatial_env"], round(direction) % 360)

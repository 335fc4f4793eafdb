"""Structural similarity of many pairs of frames (Wang et al. 2004), as scikit-image computes it, only faster.

What depends on one frame alone, its windowed means and variances, is computed once (`Moments`), so that a pair costs a
single filter; thousands of shuffled pairs share the moments of a few hundred frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from neuroclips.errors import InputError
from neuroclips.metrics.opencv import opencv

C1, C2 = 0.01**2, 0.03**2  # of pixels in [0, 1]; Wang et al., equation 13
GRAY = np.array([0.2125, 0.7154, 0.0721], np.float32)  # weights of skimage.color.rgb2gray
SIGMA, RADIUS = 1.5, 5  # of the Gaussian window [pixels], cut at 3.5 standard deviations


@dataclass(frozen=True)
class Window:
    """What pixels are averaged over: margins where it would leave the frame, and the factor of sample covariances."""

    rows: int
    columns: int
    factor: float
    gray: bool

    def fits(self, height: int, width: int) -> bool:
        return height > 2 * self.rows and width > 2 * self.columns

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Windowed mean of (H, W) float32 wherever the whole window lies in the plane."""
        cv2 = opencv()
        if not self.gray:
            blurred = cv2.boxFilter(values, -1, (7, 7))
        else:
            blurred = cv2.sepFilter2D(values, -1, _bell() if self.columns else np.ones(1, np.float32), _bell())
        height, width = values.shape
        return blurred[self.rows : height - self.rows, self.columns : width - self.columns]


WINDOWS: dict[str, Window] = {
    "colour": Window(3, 3, 49 / 48, gray=False),  # RGB, 7 x 7 pixels of equal weight, sample covariance
    "gray": Window(RADIUS, RADIUS, 1.0, gray=True),  # Gaussian, population covariance
    "columns": Window(RADIUS, 0, 1.0, gray=True),  # the same, of every column by itself
}


@cache
def _bell() -> np.ndarray:
    return opencv().getGaussianKernel(2 * RADIUS + 1, SIGMA, opencv().CV_32F)


@dataclass(frozen=True)
class Moments:
    """Of one plane of a frame, a colour or gray: its pixels (H, W), and of each window that fits the mean and the two
    halves of SSIM's denominator, mean^2 + C1 / 2 and variance + C2 / 2 (h, w); all float32."""

    pixels: np.ndarray
    mean: np.ndarray
    square: np.ndarray
    variance: np.ndarray


def moments(frames: np.ndarray, kind: str) -> list[list[Moments]]:
    """The planes of frames (n, 3, H, W), uint8 or in [0, 1]. Raises InputError where no window fits into them."""
    return [moments_of(frame, kind) for frame in frames]


def moments_of(frame: np.ndarray, kind: str) -> list[Moments]:
    """The planes of one frame (3, H, W); errors are those of `moments`."""
    window = WINDOWS[kind]
    if not window.fits(*frame.shape[-2:]):
        raise InputError(
            f"got frames of {frame.shape[-1]} x {frame.shape[-2]} pixels, expected at least {2 * window.columns + 1}"
            f" x {2 * window.rows + 1}, the window of SSIM"
        )
    return [_moments(plane, window) for plane in _planes(frame, window.gray)]


def similarity(one: Sequence[Moments], other: Sequence[Moments], kind: str) -> float:
    """Mean SSIM in [-1, 1] of two frames: (2 m_a m_b + C1)(2 cov + C2) / (m_a^2 + m_b^2 + C1)(v_a + v_b + C2).

    Plane by plane in memory that is used again: what the processor holds near it is several times as fast.
    """
    cv2, window, total = opencv(), WINDOWS[kind], 0.0
    product, (means, below, spread) = np.empty_like(one[0].pixels), (np.empty_like(one[0].mean) for _ in range(3))
    for a, b in zip(one, other, strict=True):
        means = cv2.multiply(a.mean, b.mean, dst=means)
        covariance = window.mean(cv2.multiply(a.pixels, b.pixels, dst=product))
        above = cv2.addWeighted(covariance, 2 * window.factor, means, -2 * window.factor, C2, dst=below)
        above = cv2.multiply(above, cv2.addWeighted(means, 2, means, 0, C1, dst=means), dst=means)
        below, spread = cv2.add(a.square, b.square, dst=below), cv2.add(a.variance, b.variance, dst=spread)
        total += cv2.mean(cv2.divide(above, cv2.multiply(below, spread, dst=below), dst=spread))[0]
    return total / len(one)


def ssim_of_films(films: np.ndarray, truths: np.ndarray, kind: str) -> np.ndarray:
    """SSIM (n,) of films (n, n_frames, 3, H, W) against true ones, the mean over frames."""
    return np.array(
        [
            np.mean(
                [similarity(moments_of(a, kind), moments_of(b, kind), kind) for a, b in zip(film, truth, strict=True)]
            )
            for film, truth in zip(films, truths, strict=True)
        ]
    )


def _planes(frame: np.ndarray, gray: bool) -> np.ndarray:
    """Planes (3 or 1, H, W) in [0, 1] of a frame (3, H, W)."""
    scale = np.float32(1 / 255 if frame.dtype == np.uint8 else 1)
    if not gray:
        return np.multiply(frame, scale, dtype=np.float32)
    red, green, blue = frame
    return (scale * (GRAY[0] * red + GRAY[1] * green + GRAY[2] * blue))[None]


def _moments(pixels: np.ndarray, window: Window) -> Moments:
    cv2, factor = opencv(), window.factor
    mean = np.ascontiguousarray(window.mean(pixels))
    square = cv2.multiply(mean, mean)
    variance = cv2.addWeighted(window.mean(cv2.multiply(pixels, pixels)), factor, square, -factor, C2 / 2)
    return Moments(pixels, mean, cv2.add(square, C1 / 2), variance)

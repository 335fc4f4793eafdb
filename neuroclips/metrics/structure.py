"""Structural similarity of many pairs of frames (Wang et al. 2004), as scikit-image computes it, only faster.

What depends on one frame alone, its windowed means and variances, is computed once (`Moments`), so that a pair costs a
single filter; thousands of shuffled pairs share the moments of a few hundred frames.
"""

from __future__ import annotations

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
        """Windowed mean of (H, W) or (H, W, 3) float32 wherever the whole window lies in the frame."""
        cv2 = opencv()
        if not self.gray:
            blurred = cv2.boxFilter(values, -1, (7, 7))
        else:
            blurred = cv2.sepFilter2D(values, -1, _bell() if self.columns else np.ones(1, np.float32), _bell())
        height, width = values.shape[:2]
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
    """Of one frame: its pixels (H, W[, 3]), and of each window that fits the mean and the two halves of SSIM's
    denominator, mean^2 + C1 / 2 and variance + C2 / 2 (h, w[, 3]); all float32."""

    pixels: np.ndarray
    mean: np.ndarray
    square: np.ndarray
    variance: np.ndarray


def moments(frames: np.ndarray, kind: str) -> list[Moments]:
    """Of frames (n, 3, H, W), uint8 or in [0, 1]. Raises InputError where no window fits into them."""
    return [moments_of(frame, kind) for frame in frames]


def moments_of(frame: np.ndarray, kind: str) -> Moments:
    """Of one frame (3, H, W); errors are those of `moments`."""
    window = WINDOWS[kind]
    if not window.fits(*frame.shape[-2:]):
        raise InputError(
            f"got frames of {frame.shape[-1]} x {frame.shape[-2]} pixels, expected at least {2 * window.columns + 1}"
            f" x {2 * window.rows + 1}, the window of SSIM"
        )
    pixels = _pixels(frame, window.gray)
    mean = np.ascontiguousarray(window.mean(pixels))
    square = mean * mean
    variance = window.mean(pixels * pixels) - square
    variance *= window.factor
    variance += np.float32(C2 / 2)
    square += np.float32(C1 / 2)
    return Moments(pixels, mean, square, variance)


def similarity(a: Moments, b: Moments, kind: str) -> float:
    """Mean SSIM in [-1, 1] of two frames: (2 m_a m_b + C1)(2 cov + C2) / (m_a^2 + m_b^2 + C1)(v_a + v_b + C2)."""
    window = WINDOWS[kind]
    means = a.mean * b.mean
    covariance = window.mean(a.pixels * b.pixels) - means  # rows that follow each other, as all that is in place below
    covariance *= 2 * window.factor
    covariance += np.float32(C2)
    means *= 2
    means += np.float32(C1)
    means *= covariance
    below = a.square + b.square
    below *= a.variance + b.variance
    means /= below
    return float(means.mean(dtype=np.float64))


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


def _pixels(frame: np.ndarray, gray: bool) -> np.ndarray:
    """A frame (3, H, W) as gray (H, W) or colour (H, W, 3), float32 in [0, 1]."""
    scale = np.float32(1 / 255 if frame.dtype == np.uint8 else 1)
    if gray:
        red, green, blue = frame
        return scale * (GRAY[0] * red + GRAY[1] * green + GRAY[2] * blue)
    values = opencv().merge(list(frame)).astype(np.float32)  # (H, W, 3)
    values *= scale
    return values

"""Scores of films against any truths, for permutations: what thousands of pairs share is computed once.

SSIM shares the windowed means and variances of each frame. Correlations of bytes follow from their squared distance and
from sums of each frame, all of them whole numbers, which float64 holds exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from os import cpu_count

import numpy as np

from neuroclips.metrics.features import Features
from neuroclips.metrics.likeness import beaten, decibels, middle_correlations
from neuroclips.metrics.opencv import opencv
from neuroclips.metrics.protocols import Protocol
from neuroclips.metrics.registry import METRICS
from neuroclips.metrics.score import served
from neuroclips.metrics.structure import Moments, moments_of, similarity

Planes = list[Moments]  # of one frame
AT_ONCE = 64  # pairs whose features are copied side by side


@dataclass(frozen=True)
class Pairwise:
    """A `PairScores` of films and truths that were seen under one protocol.

    names : metrics; None: all of the protocol that the films serve. They equal those of metrics.score of the same rows,
    but clip_two_way, whose pool are here all truths and not those of a call.
    """

    films: Features
    truths: Features
    protocol: Protocol
    names: Sequence[str] | None = None

    def __call__(self, rows: np.ndarray, columns: np.ndarray) -> dict[str, np.ndarray]:
        """Scores (k,) of the films `rows` (k,) against the truths `columns` (k,)."""
        names = served(self.films, self.protocol) if self.names is None else self.names
        bytes_ = self.films.frames.dtype == self.truths.frames.dtype == np.uint8
        tile = (
            _Tile.of(self.films.frames, self.truths.frames, rows, columns) if bytes_ and FAST.keys() & names else None
        )
        return {name: self._scores(name, rows, columns, tile) for name in names}

    def _scores(self, name: str, rows: np.ndarray, columns: np.ndarray, tile: _Tile | None) -> np.ndarray:
        if name in FAST and tile is not None:
            return FAST[name](tile, self.protocol)
        if name == "clip_two_way":
            return beaten(self._likeness[rows], columns)
        whole = METRICS[name].needs == "frames"
        films, truths = (seen if whole else without_pixels(seen) for seen in (self.films, self.truths))
        few = [slice(first, first + AT_ONCE) for first in range(0, len(rows), AT_ONCE)]
        compute = METRICS[name].function
        return np.concatenate([compute(films[rows[at]], truths[columns[at]], self.protocol) for at in few])

    @cached_property
    def _likeness(self) -> np.ndarray:
        return middle_correlations(self.films, self.truths)


def without_pixels(seen: Features) -> Features:
    """Features that keep one pixel of each frame: what judges said is all that is read of them."""
    return replace(seen, frames=seen.frames[..., :1, :1, :1])


@dataclass(frozen=True)
class _Tile:
    """Pairs of r films and c truths of uint8: films (r, n_frames, 3, H, W), truths (c, ...), and which meets which."""

    films: np.ndarray
    truths: np.ndarray
    row: np.ndarray  # (k,)
    column: np.ndarray  # (k,)

    @classmethod
    def of(cls, films: np.ndarray, truths: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> _Tile:
        there, row = np.unique(rows, return_inverse=True)
        others, column = np.unique(columns, return_inverse=True)
        return cls(films[there], truths[others], row, column)

    def of_pairs(self, score: Callable[[int, int], float]) -> np.ndarray:
        """Scores (k,) that `score` gives of a row and a column, in threads."""
        with ThreadPoolExecutor(min(8, cpu_count() or 1)) as pool:
            return np.array(list(pool.map(score, self.row, self.column)))

    @cached_property
    def squares(self) -> np.ndarray:
        """Squared distances (k, n_frames) of the values of two frames; whole numbers, so that equal is equal."""
        cv2 = opencv()
        films, truths = (frames.reshape(*frames.shape[:2], -1) for frames in (self.films, self.truths))

        def of_pair(i: int, j: int, frame: int) -> int:
            return round(cv2.norm(films[i, frame], truths[j, frame], cv2.NORM_L2SQR))

        return np.stack([self.of_pairs(partial(of_pair, frame=frame)) for frame in range(films.shape[1])], 1)


def _psnr(tile: _Tile, protocol: Protocol) -> np.ndarray:
    return decibels(tile.squares / (tile.films[0, 0].size * 255.0**2), protocol).mean(1)


def _correlation(tile: _Tile, protocol: Protocol) -> np.ndarray:
    """From sums, sums of squares and squared distances; 0 with a frame of a single colour."""
    n = tile.films[0, 0].size
    (a, aa), (b, bb) = (_sums(frames) for frames in (tile.films, tile.truths))
    a, aa, b, bb = a[tile.row], aa[tile.row], b[tile.column], bb[tile.column]  # (k, n_frames)
    spread = np.sqrt((n * aa - a * a) * (n * bb - b * b))
    together = n * (aa + bb - tile.squares) / 2 - a * b
    return np.divide(together, spread, out=np.zeros_like(spread), where=spread > 0).mean(1)


def _sums(films: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums and sums of squares (n, n_frames) of the values of frames."""
    cv2, flat = opencv(), films.reshape(*films.shape[:2], -1)
    sums = [[(cv2.sumElems(frame)[0], round(cv2.norm(frame, cv2.NORM_L2SQR))) for frame in film] for film in flat]
    return np.array(sums, float)[..., 0], np.array(sums, float)[..., 1]


def _ssim(tile: _Tile, protocol: Protocol) -> np.ndarray:
    """Frame by frame, so that the moments of one alone are held."""
    total, one, other = np.zeros(len(tile.row)), list[Planes](), list[Planes]()
    for frame in range(tile.films.shape[1]):
        one = _moments(tile.films, frame, protocol.ssim, one)
        other = _moments(tile.truths, frame, protocol.ssim, other)
        total += tile.of_pairs(lambda i, j, a=one, b=other: similarity(a[i], b[j], protocol.ssim))  # type: ignore[misc]
    return total / tile.films.shape[1]


def _moments(films: np.ndarray, frame: int, kind: str, before: list[Planes]) -> list[Planes]:
    """Of one frame of films (n, n_frames, 3, H, W); what does not move has those of the frame before."""
    still = [frame > 0 and bool((film[frame] == film[frame - 1]).all()) for film in films]
    return [before[row] if still[row] else moments_of(film[frame], kind) for row, film in enumerate(films)]


FAST: dict[str, Callable[[_Tile, Protocol], np.ndarray]] = {
    "ssim": _ssim,
    "psnr": _psnr,
    "pixel_correlation": _correlation,
}

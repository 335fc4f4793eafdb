"""Scores of films against any truths, for permutations: what thousands of pairs share is computed once.

SSIM shares the windowed means and variances of each frame. Squared errors and correlations of bytes follow from sums
and products, which are whole numbers below 2^53 and so exact in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from os import cpu_count

import numpy as np

from neuroclips.metrics.features import Features
from neuroclips.metrics.likeness import decibels, standard
from neuroclips.metrics.protocols import Protocol
from neuroclips.metrics.registry import METRICS
from neuroclips.metrics.score import served
from neuroclips.metrics.structure import moments, similarity


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

    @property
    def directions(self) -> dict[str, bool]:
        """Whether higher is better, of every metric."""
        names = served(self.films, self.protocol) if self.names is None else self.names
        return {name: METRICS[name].about.higher_is_better for name in names}

    def _scores(self, name: str, rows: np.ndarray, columns: np.ndarray, tile: _Tile | None) -> np.ndarray:
        if name in FAST and tile is not None:
            return FAST[name](tile, self.protocol)
        if name == "clip_two_way":
            return self._two_way(rows, columns)
        whole = METRICS[name].needs == "frames"
        films, truths = (seen if whole else without_pixels(seen) for seen in (self.films, self.truths))
        return METRICS[name].function(films[rows], truths[columns], self.protocol)

    def _two_way(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        own = self._likeness[rows, columns]
        beaten = (self._likeness[rows] < own[:, None]).sum(1)
        return beaten / (len(self.truths) - 1) if len(self.truths) > 1 else np.full(len(rows), np.nan)

    @cached_property
    def _likeness(self) -> np.ndarray:
        """Correlations (n_films, n_truths) of the CLIP embeddings of the middle scored frame."""
        middle = self.films.frames.shape[1] // 2
        one, other = (standard(seen.embeddings[:, middle]) for seen in (self.films, self.truths))  # type: ignore[index]
        return one @ other.T


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

    @cached_property
    def products(self) -> list[tuple[np.ndarray, ...]]:
        """Of every frame: sums (r,) (c,), sums of squares (r,) (c,) and of products (r, c) of its values."""
        return [_products(one, other) for one, other in zip(*map(_by_frame, (self.films, self.truths)), strict=True)]

    def mean(self, by_frame: list[np.ndarray]) -> np.ndarray:
        """Means (k,) over frames of scores (r, c) of each."""
        return np.mean(by_frame, axis=0)[self.row, self.column]


def _by_frame(films: np.ndarray) -> np.ndarray:
    return films.reshape(*films.shape[:2], -1).swapaxes(0, 1)  # (n_frames, n, n_values)


def _products(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, ...]:
    a, b = one.astype(np.float64), other.astype(np.float64)
    return a.sum(1), b.sum(1), np.einsum("ij,ij->i", a, a), np.einsum("ij,ij->i", b, b), a @ b.T


def _psnr(tile: _Tile, protocol: Protocol) -> np.ndarray:
    scale = tile.films[0, 0].size * 255.0**2
    errors = [(aa[:, None] + bb - 2 * ab) / scale for _, _, aa, bb, ab in tile.products]
    return tile.mean([decibels(error, protocol) for error in errors])


def _correlation(tile: _Tile, protocol: Protocol) -> np.ndarray:
    """0 with a frame of a single colour."""
    n_values = tile.films[0, 0].size
    return tile.mean([_pearson(n_values, *products) for products in tile.products])


def _pearson(n: int, a: np.ndarray, b: np.ndarray, aa: np.ndarray, bb: np.ndarray, ab: np.ndarray) -> np.ndarray:
    spread = np.sqrt(np.multiply.outer(n * aa - a * a, n * bb - b * b))
    return np.divide(n * ab - np.multiply.outer(a, b), spread, out=np.zeros_like(ab), where=spread > 0)


def _ssim(tile: _Tile, protocol: Protocol) -> np.ndarray:
    total = np.zeros(len(tile.row))
    with ThreadPoolExecutor(min(8, cpu_count() or 1)) as pool:
        for frame in range(tile.films.shape[1]):
            one, other = (moments(films[:, frame], protocol.ssim) for films in (tile.films, tile.truths))
            pairs = zip(tile.row, tile.column, strict=True)
            total += list(
                pool.map(lambda pair, a=one, b=other: similarity(a[pair[0]], b[pair[1]], protocol.ssim), pairs)
            )
    return total / tile.films.shape[1]


FAST: dict[str, Callable[[_Tile, Protocol], np.ndarray]] = {
    "ssim": _ssim,
    "psnr": _psnr,
    "pixel_correlation": _correlation,
}

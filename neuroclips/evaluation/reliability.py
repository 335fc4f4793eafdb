"""The noise ceiling of voxels from repeated showings: split halves and Spearman-Brown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SPLITS = 5  # random divisions of the showings into halves, whose mean is taken
CHANCE = 0.95  # quantile of the voxels of a null, above which one counts as reliable


@dataclass(frozen=True)
class Reliability:
    """Of every voxel (n_voxels,): how far the mean of all showings agrees with that of as many new ones.

    half : correlation of the means of two halves of the showings. whole : what it would be for twice as many, by
    Spearman-Brown, 2 r / (1 + r); its root is the best correlation that a perfect model can reach. null : half, where
    one half is of another time of the same film.
    """

    half: np.ndarray
    whole: np.ndarray
    null: np.ndarray

    @property
    def threshold(self) -> float:
        """The agreement of halves that one voxel in twenty reaches by chance."""
        return float(np.quantile(self.null, CHANCE))

    def summary(self) -> dict:
        """What is told: quartiles of `whole` over voxels, and the share of voxels that are reliable."""
        low, median, high = np.quantile(self.whole, [0.25, 0.5, 0.75])
        return {
            "median": float(median),
            "quartiles": [float(low), float(high)],
            "reliable share": float((self.half > self.threshold).mean()),
            "threshold": self.threshold,
            "n_voxels": len(self.half),
        }


def reliability(showings: np.ndarray, length: int, seed: int = 0) -> Reliability:
    """Of z-scored samples (n_clips, n_showings, n_voxels) in runs of `length` clips; missing showings are NaN.

    In the null a half is moved by a third of its run, around its end, so that it keeps its autocorrelation.
    """
    generator, n = np.random.default_rng(seed), showings.shape[1]
    halves, nulls = [], []
    for _ in range(SPLITS):
        order = generator.permutation(n)
        one, other = (_mean(showings, order[half]) for half in (slice(n // 2), slice(n // 2, 2 * (n // 2))))
        halves.append(_correlation(one, other))
        nulls.append(_correlation(one, _moved(other, length)))
    half = np.mean(halves, 0)
    return Reliability(half, 2 * half / (1 + half), np.mean(nulls, 0))


def _mean(showings: np.ndarray, which: np.ndarray) -> np.ndarray:
    return np.asarray(np.nanmean(showings[:, which], 1, dtype=np.float32))


def _moved(samples: np.ndarray, length: int) -> np.ndarray:
    runs = [samples[first : first + length] for first in range(0, len(samples), length)]
    return np.concatenate([np.roll(run, len(run) // 3, 0) for run in runs])


def _correlation(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Pearson correlation (n_voxels,) of columns; 0 for one that is constant."""
    one, other = (x - x.mean(0) for x in (one, other))
    size = np.sqrt(np.square(one).sum(0) * np.square(other).sum(0))
    return np.divide((one * other).sum(0), size, out=np.zeros(len(size)), where=size > 0)

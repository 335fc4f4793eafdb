"""Ridge regression whose penalty is chosen on blocks of samples that were held out, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve

PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)  # times the number of samples
N_BLOCKS = 5


@dataclass(frozen=True)
class Ridge:
    """y = weight x + bias."""

    weight: np.ndarray  # (k, n_voxels)
    bias: np.ndarray  # (k,)
    penalty: float

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """(n, n_voxels) to (n, k)."""
        return x @ self.weight.T + self.bias


@dataclass(frozen=True)
class HeldOut:
    """A ridge of all samples, and what ridges of the same penalty gave of the samples that they had not seen."""

    ridge: Ridge
    predicted: np.ndarray  # (n, k)


def blocks_of(places: np.ndarray, n_blocks: int = N_BLOCKS) -> np.ndarray:
    """Block (n,) of each sample: neighbours in time, and showings of one clip, are held out together.

    places : (n,) whole numbers in the order of time, equal for showings of the same clip.
    """
    known, rank = np.unique(places, return_inverse=True)
    return rank * n_blocks // len(known)


def fit(x: np.ndarray, y: np.ndarray, blocks: np.ndarray, penalties: Sequence[float] = PENALTIES) -> HeldOut:
    """The ridge of samples x (n, n_voxels) to y (n, k), with the penalty of the least error on held-out blocks."""
    guesses = np.zeros((len(penalties), *y.shape), np.float32)
    for block in np.unique(blocks):
        held = blocks == block
        for i, ridge in enumerate(_path(x[~held], y[~held], penalties)):
            guesses[i, held] = ridge(x[held])
    best = min(range(len(penalties)), key=lambda i: float(np.square(guesses[i] - y).mean()))
    (ridge,) = _path(x, y, penalties[best : best + 1])
    return HeldOut(ridge, guesses[best])


def _path(x: np.ndarray, y: np.ndarray, penalties: Sequence[float]) -> Iterator[Ridge]:
    """W = (X'X + penalty n I)^-1 X'Y, or the same by X X' where there are fewer samples than voxels."""
    n, centre, mean = len(x), x.mean(0), y.mean(0)
    x, y = x - centre, y - mean
    wide = x.shape[1] > n
    gram, right = (x @ x.T, y) if wide else (x.T @ x, x.T @ y)
    for penalty in penalties:
        solved = solve(gram + penalty * n * np.eye(len(gram), dtype=gram.dtype), right, assume_a="pos")
        weight = ((x.T @ solved) if wide else solved).T.astype(np.float32)
        yield Ridge(weight, (mean - weight @ centre).astype(np.float32), penalty)

"""How much of each voxel is predicted by what was on the screen: ridge regression from features of films to voxels.

Penalties are chosen for each voxel over folds of the films that are fitted, and the fit is scored on other films.
"""

from __future__ import annotations

import numpy as np

LAGS = (-2, -1, 0, 1)  # clips before and after the own one that a sample still, or already, answers to
PENALTIES = np.logspace(-3, 2, 6)  # in units of the mean variance of the features
N_COMPONENTS = 128  # of what is decoded


def lagged(features: np.ndarray, length: int) -> np.ndarray:
    """Features (n_clips, k) of films of `length` clips, beside those of neighbours: (n_clips, k * len(LAGS))."""
    films = features.reshape(-1, length, features.shape[1])  # (n_films, length, k)
    moved = [np.zeros_like(films) for _ in LAGS]
    for lag, out in zip(LAGS, moved, strict=True):
        here, there = slice(max(0, -lag), length - max(0, lag)), slice(max(0, lag), length - max(0, -lag))
        out[:, here] = films[:, there]
    return np.concatenate(moved, 2).reshape(len(features), -1)


def encoding_r2(
    features: np.ndarray, voxels: np.ndarray, folds: np.ndarray, features_new: np.ndarray, voxels_new: np.ndarray
) -> np.ndarray:
    """R squared (n_voxels,) on new samples of a ridge fitted on others.

    features : (n, k), voxels : (n, n_voxels), folds : (n,) of whole films, from which the penalties come.
    """
    errors = np.zeros((len(PENALTIES), voxels.shape[1]))
    for fold in np.unique(folds):
        held = folds == fold
        predicted = _predictions(features[~held], voxels[~held], features[held])
        errors += [np.square(p - voxels[held]).sum(0) for p in predicted]
    best = errors.argmin(0)  # (n_voxels,)
    left = np.array([np.square(p - voxels_new).sum(0) for p in _predictions(features, voxels, features_new)])
    total = np.square(voxels_new - voxels_new.mean(0)).sum(0)
    return 1 - left[best, np.arange(len(best))] / np.where(total > 0, total, 1)


def _predictions(x: np.ndarray, y: np.ndarray, x_new: np.ndarray):
    """One prediction (n_new, n_voxels) for each of PENALTIES."""
    centre, mean = x.mean(0), y.mean(0)
    x, x_new = x - centre, x_new - centre
    values, vectors = np.linalg.eigh(x.T @ x)
    turned, seen = vectors.T @ (x.T @ (y - mean)), x_new @ vectors
    for penalty in PENALTIES * values.mean():
        yield seen @ (turned / (np.maximum(values, 0) + penalty)[:, None]) + mean

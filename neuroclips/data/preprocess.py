"""The paper's preprocessing (section 4.1) on arrays: detrend, z-score, delay, and the choice of voxels."""

from __future__ import annotations

import numpy as np
from scipy import stats


def detrend(run: np.ndarray, order: int = 4) -> np.ndarray:
    """Remove polynomials up to `order` by least squares; run : (n_volumes, n_voxels)."""
    time = np.linspace(-1, 1, len(run))
    basis = np.linalg.qr(np.polynomial.legendre.legvander(time, order))[0].astype(run.dtype)
    return run - basis @ (basis.T @ run)


def zscore(run: np.ndarray) -> np.ndarray:
    """Mean 0 and standard deviation 1 (N - 1) over the volumes; run : (n_volumes, n_voxels)."""
    return (run - run.mean(0)) / run.std(0, ddof=1)


def shift(run: np.ndarray, n_samples: int, delay_volumes: int) -> np.ndarray:
    """Sample k becomes volume k + delay: the hemodynamic delay of 4 s is 2 volumes of 2 s."""
    if len(run) < n_samples + delay_volumes:
        raise ValueError(f"got {len(run)} volumes, expected at least {n_samples} + {delay_volumes} for the delay")
    return run[delay_volumes : delay_volumes + n_samples]


def repeat_correlation(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Pearson correlation of two z-scored runs (n_samples, n_voxels), per voxel."""
    return (first * second).sum(0) / (len(first) - 1)


def select_voxels(correlations: np.ndarray, alpha: float = 0.05) -> np.ndarray:
    """Voxels whose repeats agree: Fisher z, one-sample t-test over films, Bonferroni (section 4.1).

    correlations : (n_films, n_voxels). Returns the indices of the voxels kept.
    """
    p = stats.ttest_1samp(np.arctanh(np.clip(correlations, -0.999, 0.999)), 0.0, axis=0).pvalue
    return np.flatnonzero((p < alpha / correlations.shape[1]) & (correlations.mean(0) > 0))

"""Haufe's transformation: from weights, which also cancel noise, to the pattern that the brain shows."""

from __future__ import annotations

import numpy as np


def haufe_pattern(samples: np.ndarray, voxel_weights: np.ndarray) -> np.ndarray:
    """A = Cov(x) W Cov(s)^-1 of outputs s = W^T x (Haufe et al. 2014, equation 6), (n_voxels, n_outputs).

    samples -> x : (n_samples, n_voxels); voxel_weights -> W^T : (n_outputs, n_voxels). Cov(x) W is the covariance of x
    with s, so that no (n_voxels, n_voxels) is made. Columns are per standard deviation of their output.
    """
    x = samples - samples.mean(0)
    s = x @ voxel_weights.T
    spread = s.std(0)
    s = s / np.where(spread > 0, spread, 1)
    return x.T @ s @ np.linalg.pinv(s.T @ s, hermitian=True)


def pattern_size(samples: np.ndarray, voxel_weights: np.ndarray) -> np.ndarray:
    """Mean absolute value (n_voxels,) of the pattern over outputs."""
    return np.abs(haufe_pattern(samples, voxel_weights)).mean(1)

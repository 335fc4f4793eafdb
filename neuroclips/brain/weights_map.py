"""Voxel weights of a reconstructor on the cortex: figure 5 of the paper."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from neuroclips.brain.cortex import load_cortex

REACH = 3.0  # [mm]: a quarter-density voxel stands for the vertices around it


def mean_weight(voxel_weights: np.ndarray) -> np.ndarray:
    """Mean absolute weight of each voxel, (n_voxels,), scaled to [0, 1] between its 1st and 99th percentile.

    voxel_weights : (n_outputs, n_voxels), of any reconstructor.
    """
    weight = np.abs(voxel_weights).mean(0)
    low, high = np.percentile(weight, [1, 99])
    return np.clip((weight - low) / (high - low), 0, 1)


def to_cortex(values: np.ndarray, vertex_index: np.ndarray) -> np.ndarray:
    """Values (n_voxels,) in [0, 1] to all 59,412 grayordinates; NaN farther than REACH from any voxel."""
    cortex = load_cortex()
    on_cortex = np.full(len(cortex.area), np.nan, np.float32)
    for half in (True, False):
        voxels = np.flatnonzero(cortex.left[vertex_index] == half)
        here = np.flatnonzero(cortex.left == half)
        distance, nearest = cKDTree(cortex.xyz[vertex_index[voxels]]).query(cortex.xyz[here])
        near = distance <= REACH
        on_cortex[here[near]] = values[voxels[nearest[near]]]
    return on_cortex

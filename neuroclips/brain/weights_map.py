"""Voxel weights of a reconstructor on the cortex: figure 5 of the paper."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from neuroclips.brain.cortex import load_cortex
from neuroclips.brain.scales import scaled

REACH = 3.0  # [mm]: a quarter-density voxel stands for the vertices around it


def mean_size(voxel_weights: np.ndarray) -> np.ndarray:
    """Mean absolute weight (n_voxels,) of each voxel; voxel_weights : (n_outputs, n_voxels), of any reconstructor."""
    return np.abs(voxel_weights).mean(0)


def mean_weight(voxel_weights: np.ndarray, scale: str = "min-max") -> np.ndarray:
    """The same, scaled to [0, 1] by one of scales.SCALES, by default the paper's."""
    return scaled(mean_size(voxel_weights), scale)[0]


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

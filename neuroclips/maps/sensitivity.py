"""What a simulated voxel truly sees: its signal over noise, by the kind of features that drive it."""

from __future__ import annotations

import numpy as np

from neuroclips.brain.cortex import load_cortex
from neuroclips.simulation.areas import EARLY, MOTION, SEMANTIC
from neuroclips.simulation.subjects import Truth

# model -> areas with what it decodes: an area sees motion energy and colour, or semantic axes, never both
DRIVEN = {"perception": (*EARLY, *MOTION), "semantic": tuple(SEMANTIC)}


def sensitivity(truth: Truth, vertex_index: np.ndarray, model: str | None = None) -> np.ndarray:
    """Signal over noise of one showing (n_voxels,), 0 where a voxel sees nothing of what `model` decodes."""
    snr = truth.snr[vertex_index]
    if model is None:
        return snr
    return np.where(np.isin(load_cortex().area[vertex_index], DRIVEN[model]), snr, 0)

"""Can the truth be found again in the data? Receptive fields re-estimated from samples, delay and noise included.

A ridge regression from local contrast, brightness and colour at every place of the screen to each vertex; the centre
of its weights is the estimated centre of the receptive field (the linear pRF of Sumner et al. 2013 uses the same idea).
The regressors are made of the same motion energy and colour cells as the simulated responses, which real brains are
not; the parameters of the vertices are only looked at afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from nilearn.glm.first_level import glover_hrf

from neuroclips.brain.cortex import load_cortex
from neuroclips.preprocessing.clean import standardised, zscore
from neuroclips.preprocessing.layout import N_SAMPLES, kind_of
from neuroclips.simulation.features import GRID, Features, cell_places, pyramid
from neuroclips.simulation.simulate import features
from neuroclips.simulation.subjects import SCREEN, Truth

PENALTY = 1.0  # of the ridge, in units of the number of samples
PEAK = 4  # the centre is a mean of weights to this power: the peak counts, the ground does not


def estimate_centres(samples: np.ndarray, films: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Centres x and y [deg] of receptive fields from samples (n_films * 240, n_voxels) of `films`, delay 4 s."""
    design = np.concatenate([_design(features(*kind_of(f))) for f in films])  # (n_samples, 4 * cells)
    gram = design @ design.T + PENALTY * len(design) * np.eye(len(design))
    weights = design.T @ np.linalg.solve(gram, samples)  # (4 * cells, n_voxels)
    power = (weights.reshape(4, GRID * GRID, -1) ** 2).sum(0) ** (PEAK / 2)
    power /= power.sum(0)
    x, y = ((place - 0.5) * SCREEN for place in cell_places())
    return x @ power, -(y @ power)


def _design(film: Features) -> np.ndarray:
    """Local contrast and three colours at GRID x GRID places, convolved with the HRF, (240, 4 * cells)."""
    p, (x, y) = pyramid().parameters, cell_places()
    apart = (p["centerh"][:, None] - x) ** 2 + (p["centerv"][:, None] - y) ** 2
    local = np.exp(-apart / (2 * 0.07**2)) * (p["spatial_freq"] > 0)[:, None]
    columns = np.concatenate([zscore(film.energy) @ local, film.colour], 1)
    kernel = glover_hrf(1.0, oversampling=1, time_length=32)
    seen = np.apply_along_axis(lambda column: np.convolve(column, kernel)[: len(column)], 0, zscore(columns))
    at = np.minimum(2 * np.arange(N_SAMPLES) + 5, len(seen) - 1)  # sample k is acquired 2 k + 5 s into the film
    return standardised(seen[at])


def recovery(samples: np.ndarray, vertex_index: np.ndarray, films: Sequence[str], truth: Truth) -> dict[str, dict]:
    """Correlation of estimated with true x and y [deg] of receptive fields, per early area.

    samples : (n_films * 240, n_voxels), repeats averaged.
    """
    x, y = estimate_centres(samples, films)
    area, table = load_cortex().area[vertex_index], {}
    for name in ("V1", "V2", "V3", "V4"):
        here = area == name
        pairs = ((x[here], truth.x[vertex_index[here]]), (y[here], truth.y[vertex_index[here]]))
        table[name] = {
            "vertices": int(here.sum()),
            **{k: round(float(np.corrcoef(*p)[0, 1]), 3) for k, p in zip("xy", pairs, strict=True)},
        }
    return table

"""Maps that are as smooth as a given one and mean nothing: against them a map's agreement with another is tested.

Neighbouring voxels resemble each other, so that two maps that have nothing to do with each other correlate by chance,
far more than as many independent numbers would. As in Burt et al. (2020, NeuroImage 220) the values of a map are dealt
out anew so that its variogram stays; here they follow the ranks of a Gaussian field whose covariance is fitted to that
variogram. Turning the cortical sphere (a spin test) would move voxels to where none were measured.

Distances are straight ones on the midthickness surface, with both hemispheres laid over each other: what is alike on
both sides, as areas are, counts once. Subjects that are given together share the smooth part of the field.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import cholesky
from scipy.optimize import nnls
from scipy.stats import norm, rankdata

from neuroclips.brain.cortex import load_cortex

LENGTHS = (3.0, 6.0, 12.0, 24.0, 48.0)  # [mm] of the Gaussian covariances that a variogram is made of
FARTHEST, N_BINS, N_PAIRS = 50.0, 20, 200_000  # [mm], and pairs of voxels that are looked at
LEAST_NOISE = 0.02  # of the variance, each voxel's own: without it the covariance has no root
N_SURROGATES = 1000


def folded(vertex_index: np.ndarray) -> np.ndarray:
    """Places (n_voxels, 3) [mm] with the left hemisphere laid over the right."""
    places = load_cortex().xyz[vertex_index].copy()
    places[load_cortex().left[vertex_index], 0] *= -1
    return places


def smooth_parts(scores: np.ndarray, places: np.ndarray, seed: int = 0) -> np.ndarray:
    """Shares (len(LENGTHS),) of the variance of a map (n,) that vary over each of LENGTHS; the rest is noise.

    They are fitted to its variogram, half the squared difference of two voxels by their distance.
    """
    one, other = np.random.default_rng([seed, 1]).integers(len(scores), size=(2, N_PAIRS))
    apart = np.linalg.norm(places[one] - places[other], axis=1)
    use = (apart < FARTHEST) & (one != other)
    one, other, apart = one[use], other[use], apart[use]
    which = (apart / FARTHEST * N_BINS).astype(int)
    count = np.maximum(np.bincount(which, minlength=N_BINS), 1)
    variogram = np.bincount(which, (scores[one] - scores[other]) ** 2 / 2, N_BINS) / count
    smooth = [np.bincount(which, 1 - _kernel(apart, length), N_BINS) / count for length in LENGTHS]
    root = np.sqrt(count / count.sum())
    parts = nnls(np.stack([*smooth, np.ones(N_BINS)], 1) * root[:, None], variogram * root)[0]
    shares = parts[:-1] / max(parts.sum(), 1e-9)
    return shares * min(1.0, (1 - LEAST_NOISE) / max(shares.sum(), 1e-9))


def surrogates(
    values: np.ndarray, places: np.ndarray, subject: np.ndarray | None = None, n: int = N_SURROGATES, seed: int = 0
) -> np.ndarray:
    """`n` maps (n, n_voxels) float32, each of the same values as (n_voxels,) and about as smooth.

    subject : (n_voxels,), where the voxels of several are given: values stay with their subject.
    """
    subject = np.zeros(len(values), int) if subject is None else subject
    scores, everyone = np.empty(len(values)), [np.flatnonzero(subject == who) for who in np.unique(subject)]
    for here in everyone:
        scores[here] = norm.ppf((rankdata(values[here]) - 0.5) / len(here))
    field = _fields(places, smooth_parts(scores, places, seed), n, seed)
    dealt = np.empty((n, len(values)), np.float32)
    for here in everyone:
        order = np.argsort(field[:, here], 1)
        dealt[np.arange(n)[:, None], here[order]] = np.sort(values[here])
    return dealt


def _fields(places: np.ndarray, parts: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Gaussian fields (n, n_voxels) of unit variance, of which `parts` vary over LENGTHS and the rest is noise."""
    places = places.astype(np.float32)
    squared = np.square(places).sum(1)
    apart = np.sqrt(np.maximum(squared[:, None] + squared - 2 * places @ places.T, 0))
    covariance = np.zeros_like(apart)
    for part, length in zip(parts, LENGTHS, strict=True):
        if part > 0:
            covariance += np.float32(part) * _kernel(apart, length)
    covariance[np.diag_indices(len(places))] = 1
    root = cholesky(covariance, lower=True, overwrite_a=True, check_finite=False)
    return np.random.default_rng([seed, 2]).standard_normal((n, len(places)), np.float32) @ root.T


def _kernel(apart: np.ndarray, length: float) -> np.ndarray:
    return np.exp(-(apart**2) / (2 * length**2))


def p_of(found: float, by_chance: np.ndarray, two_sided: bool = True) -> float:
    """How often chance reaches what was found, the found one counted in: never 0."""
    reached = np.abs(by_chance) >= abs(found) if two_sided else by_chance >= found
    return float((1 + reached.sum()) / (1 + len(by_chance)))

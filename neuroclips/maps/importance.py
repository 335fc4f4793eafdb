"""Permutation importance of parcels of cortex: what a decoder loses when a parcel tells of other clips.

The values of a parcel, all its voxels together, go to other clips, so that what they know of each other stays.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Decoder = Callable[[np.ndarray], np.ndarray]  # voxels (n, n_voxels) to what is decoded (n, d)


def importance(
    decode: Decoder, voxels: np.ndarray, targets: np.ndarray, parcel: np.ndarray, n_draws: int = 1, seed: int = 0
) -> np.ndarray:
    """How much the agreement with targets (n, d) falls, in thousandths per voxel of the parcel, (n_voxels,).

    voxels : (n, n_voxels); parcel : (n_voxels,). All parcels are permuted by the same draws.
    """
    orders = [_derangement(len(voxels), np.random.default_rng([seed, draw])) for draw in range(n_draws)]
    whole, found = agreement(decode(voxels), targets), np.zeros(voxels.shape[1])
    for name in np.unique(parcel):
        here = np.flatnonzero(parcel == name)
        left = [agreement(decode(_permuted(voxels, here, order)), targets) for order in orders]
        found[here] = 1000 * (whole - np.mean(left)) / len(here)
    return found


def agreement(decoded: np.ndarray, targets: np.ndarray) -> float:
    """Mean over clips of the cosine of decoded and target (n, d), each less its mean over clips."""
    one, other = (x - x.mean(0) for x in (decoded, targets))
    size = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return float(np.mean((one * other).sum(1) / np.where(size > 0, size, 1)))


def _permuted(voxels: np.ndarray, here: np.ndarray, order: np.ndarray) -> np.ndarray:
    changed = voxels.copy()
    changed[:, here] = voxels[order][:, here]
    return changed


def _derangement(n: int, rng: np.random.Generator) -> np.ndarray:
    """An order of n in which nothing stays where it is: one cycle through all in random order."""
    cycle = rng.permutation(n)
    order = np.empty(n, int)
    order[cycle] = np.roll(cycle, 1)
    return order

"""How far a layer agrees with the truth of a simulated brain: rank correlation, with a p that knows of space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from neuroclips.maps.surrogates import N_SURROGATES, p_of, surrogates


@dataclass(frozen=True)
class Agreement:
    """Spearman's correlation over voxels and its two-sided p against surrogates of the true map.

    chance : that 95 % of surrogates stay below, in absolute value.
    """

    rho: float
    p: float
    chance: float
    n: int


def agreements(
    layers: dict[str, np.ndarray], truth: np.ndarray, places: np.ndarray, n: int = N_SURROGATES, seed: int = 0
) -> dict[str, Agreement]:
    """Of every layer (n_voxels,) with the true map (n_voxels,); the same surrogates serve them all."""
    ranks = rankdata(truth)
    dealt = _unit(surrogates(ranks, places, n=n, seed=seed))  # (n, n_voxels)
    true, found = _unit(ranks[None])[0], {}
    for name, values in layers.items():
        one = _unit(rankdata(values)[None])[0]
        rho, by_chance = float(one @ true), dealt @ one.astype(np.float32)
        limit = float(np.quantile(np.abs(by_chance), 0.95))
        found[name] = Agreement(rho, p_of(rho, by_chance), limit, len(values))
    return found


def _unit(rows: np.ndarray) -> np.ndarray:
    centred = rows - rows.mean(1, keepdims=True)
    return centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)

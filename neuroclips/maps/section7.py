"""The claim of section 7 as a test: perception weighs early visual cortex, semantics ventral and lateral areas.

"For semantic-level reconstruction, the weight distribution of voxels is more spread out over the higher visual cortex
[...] For perceptual reconstruction, [it] is more concentrated on the lower visual cortex."
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neuroclips.brain.regions import GROUPS, MORE, rows_of
from neuroclips.brain.scales import difference_of_means
from neuroclips.maps.surrogates import N_SURROGATES, folded, p_of, surrogates

EARLY = MORE["early visual"]  # V1 to V4
HIGHER = (*GROUPS["ventral"], *GROUPS["object"], *GROUPS["scene"])  # ventral and lateral, without the MT complex
WITH_MT = (*HIGHER, *GROUPS["MT complex"])
CLAIMS = {  # name -> areas, and 1 where perception should have the larger share of its weight in them, else -1
    "perception in V1 to V4": (EARLY, 1),
    "semantics in ventral and lateral areas": (HIGHER, -1),
    "semantics in ventral and lateral areas with the MT complex": (WITH_MT, -1),
}


@dataclass(frozen=True)
class Share:
    """Shares of the sum of a layer in some areas, those of the voxels, and one-sided p of the claimed difference.

    difference : in the direction of the claim, negative where it fails. p : against surrogates of the difference of
    both maps, each in units of its mean.
    """

    perception: float
    semantic: float
    voxels: float
    difference: float
    p: float


def shares(
    perception: list[np.ndarray], semantic: list[np.ndarray], index: list[np.ndarray], n: int = N_SURROGATES
) -> dict[str, Share]:
    """Each of CLAIMS, of one subject or, as the mean over subjects, of several.

    perception, semantic : a layer (n_voxels,) of each subject; index : its vertices. Subjects weigh alike, and share
    the surrogates' smooth part, so that p is about these subjects together and not about others.
    """
    apart = [difference_of_means(one, other) for one, other in zip(perception, semantic, strict=True)]
    subject = np.repeat(np.arange(len(index)), [len(rows) for rows in index])
    dealt = surrogates(np.concatenate(apart), np.concatenate([folded(rows) for rows in index]), subject, n)
    weight = 1 / np.bincount(subject)[subject] / len(index)  # sums of `apart` become differences of shares
    found = {}
    for name, (areas, sign) in CLAIMS.items():
        inside = [rows_of(areas)[rows] for rows in index]
        at = weight * np.concatenate(inside)
        difference = float(sign * (np.concatenate(apart) * at).sum())
        means = [_share(layer, inside) for layer in (perception, semantic)]
        there = float(np.mean([i.mean() for i in inside]))
        p = p_of(difference, sign * (dealt @ at), two_sided=False)
        found[name] = Share(means[0], means[1], there, difference, p)
    return found


def _share(layer: list[np.ndarray], inside: list[np.ndarray]) -> float:
    """What lies inside of the sum of a layer, mean over subjects."""
    return float(np.mean([values[here].sum() / values.sum() for values, here in zip(layer, inside, strict=True)]))

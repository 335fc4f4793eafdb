"""Retrieval of keyframes by fMRI and of fMRI by keyframes (appendix C.6, table 4), for pools of every size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neuroclips.data.base import FmriDataset
from neuroclips.data.registry import load_dataset
from neuroclips.data.swapped import SwappedDataset
from neuroclips.evaluation.intervals import interval
from neuroclips.evaluation.tokens import Tokens, tokens_of
from neuroclips.zoo import Zoo, zoo_named

SIZES = (2, 3, 5, 10, 20, 30, 50, 100, 150, 200, 300, 600, 1200)
NEAR = 5  # clips before and after, of the same film, that show the same shot


def measure(subject: int, data: FmriDataset | None = None, zoo: Zoo | None = None) -> dict[str, dict]:
    """Curves over pool sizes: "keyframe", "fmri", and "swapped", keyframes by the fMRI of other clips.

    It compares brain tokens of all test clips of a dataset, the shipped ones by default, and paints nothing.
    """
    data, zoo = data or load_dataset(), zoo or zoo_named()
    tokens = tokens_of(zoo, data, subject)
    alike = likeness(tokens.predicted, tokens.true)
    swapped = likeness(tokens.predicted[SwappedDataset(data).partner], tokens.true)
    rows = {"keyframe": alike, "fmri": alike.T, "swapped": swapped}
    return {name: curve(similarity, tokens) for name, similarity in rows.items()}


def likeness(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Cosine (n, m) of every row of one (n, D) with every row of other (m, D)."""
    one, other = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (one, other))
    return one @ other.T


def curve(similarity: np.ndarray, tokens: Tokens, sizes: Sequence[int] = SIZES) -> dict:
    """Top-1 and top-5 for pools of each size that there are clips for, with intervals over minutes of film.

    similarity : (n, n), of what is asked with (rows) to what is searched. Beside them chance, and top-1 where the
    clips next to the own one, which may show the same, are not in the pool.
    """
    sizes = [size for size in sizes if size < len(tokens)] + [len(tokens)]
    apart = _apart(tokens.films)
    table: dict = {"n": len(tokens), "pools": sizes, "chance": [1 / size for size in sizes]}
    for name, k, there in (("top1", 1, None), ("top5", 5, None), ("without neighbours", 1, apart)):
        found = [interval(hits(similarity, size, k, there), tokens.blocks) for size in sizes]
        table[name] = [each.value for each in found]
        table["ci" if name == "top1" else f"{name} ci"] = [[each.low, each.high] for each in found]
    return table | {"chance of top5": [min(1.0, 5 / size) for size in sizes]}


def hits(similarity: np.ndarray, size: int, k: int = 1, there: np.ndarray | None = None) -> np.ndarray:
    """Probability (n,) that its own one is among the k best of a random pool of `size` that it is in.

    Of M others, g of which are at least as alike, size - 1 are drawn: hypergeometric, and exact. there : (n, n) bool,
    the others that may be drawn; where they are fewer than the pool wants, all are.
    """
    from scipy.stats import hypergeom

    others = ~np.eye(len(similarity), dtype=bool) if there is None else there
    better = ((similarity >= np.diag(similarity)[:, None]) & others).sum(1)
    n_others = others.sum(1)
    return hypergeom.cdf(k - 1, n_others, better, np.minimum(size - 1, n_others))


def _apart(films: np.ndarray) -> np.ndarray:
    """Pairs (n, n) of clips that are of other films, or more than NEAR clips apart."""
    place = np.arange(len(films))
    return (films[:, None] != films) | (np.abs(place[:, None] - place) > NEAR)

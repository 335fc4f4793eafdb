"""The score of clips shuffled within their film: what films score against the truth of another clip, p and z.

A film is scored against every truth of its group once; permutations only look these scores up. Where all pairs of a
group are too many, `parts` divides it at random into parts within which clips are permuted. Permutations within parts
are a group of permutations, too, so that p stays exact; n clips in parts of m cost n x m pairs in place of n x n, and
as parts are drawn at random, partners are those that a permutation of the whole group would give.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

PERMUTATIONS = 1000
TILE = 16  # films, and truths, of pairs that are scored at once
BINS = 40  # of the histogram
ROUNDING = 1e-9  # sums of the same scores in another order differ by less

# rows (k,) of films, rows (k,) of truths -> metric: scores (k,) of one against the other
PairScores = Callable[[np.ndarray, np.ndarray], Mapping[str, np.ndarray]]


@dataclass(frozen=True)
class Null:
    """The mean score of all clips, and what it is when each is compared with a truth drawn from its group.

    value : of films against their own truth. floor : mean over films, of each over the truths of other clips.
    mean, sd : of n permutations, in which a few clips meet their own truth by chance. z : (value - mean) / sd, above 0
    where value is better. p : (1 + permutations that are at least as good) / (1 + n). counts (BINS,), edges (BINS + 1,)
    : their histogram; empty where one is infinite.
    """

    value: float
    floor: float
    mean: float
    sd: float
    z: float
    p: float
    n: int
    counts: tuple[int, ...]
    edges: tuple[float, ...]


def shuffled(
    pairs: PairScores, groups: np.ndarray, higher_is_better: Mapping[str, bool], seed: int = 0, n: int = PERMUTATIONS
) -> dict[str, Null]:
    """The null of every metric that `pairs` gives; groups (n_clips,): clips are permuted among those of the same."""
    scored = score_pairs(pairs, groups)
    return {name: null(matrices, higher_is_better[name], seed, n) for name, matrices in scored.items()}


def parts(groups: np.ndarray, size: int, seed: int = 0) -> np.ndarray:
    """Groups (n_clips,), each divided at random into parts of about `size` clips, as even as can be."""
    groups, random = np.asarray(groups), np.random.default_rng(seed)
    divided, first = np.zeros(len(groups), int), 0
    for group in np.unique(groups):
        rows = random.permutation(np.flatnonzero(groups == group))
        for part in np.array_split(rows, max(1, round(len(rows) / size))):
            divided[part], first = first, first + 1
    return divided


def score_pairs(pairs: PairScores, groups: np.ndarray, edge: int = TILE) -> dict[str, list[np.ndarray]]:
    """For every metric the scores (m, m) of each group: row i, column j is film i against truth j.

    `pairs` is called with all pairs of at most `edge` films and `edge` truths, which is what memory is needed for.
    """
    found: dict[str, list[np.ndarray]] = {}
    for group in np.unique(groups):
        members = np.flatnonzero(np.asarray(groups) == group)
        tiles = [members[first : first + edge] for first in range(0, len(members), edge)]
        scored = [[_tile(pairs, films, truths) for truths in tiles] for films in tiles]
        for name in scored[0][0]:
            found.setdefault(name, []).append(np.block([[tile[name] for tile in row] for row in scored]))
    return found


def _tile(pairs: PairScores, films: np.ndarray, truths: np.ndarray) -> dict[str, np.ndarray]:
    shape = (len(films), len(truths))
    rows, columns = np.indices(shape).reshape(2, -1)
    scores = pairs(films[rows], truths[columns])
    return {name: np.asarray(values, float).reshape(shape) for name, values in scores.items()}


def null(matrices: Sequence[np.ndarray], higher_is_better: bool = True, seed: int = 0, n: int = PERMUTATIONS) -> Null:
    """Of one metric, from the scores (m, m) of its groups; the same seed permutes every metric alike.

    Pairs without a score (NaN) are left out of a mean. Where a mean is infinite, as PSNR is for equal frames, z is NaN.
    """
    own = [np.arange(len(scores))[None] for scores in matrices]
    value = float(_means(matrices, own)[0])
    random = np.random.default_rng(seed)
    drawn = [random.permuted(np.repeat(rows, n, axis=0), axis=1) for rows in own]  # (n, m) each
    means = _means(matrices, drawn)
    sign, near = 1 if higher_is_better else -1, ROUNDING * max(1.0, abs(value))
    with np.errstate(invalid="ignore"):
        mean, sd = float(means.mean()), float(means.std())
        worse = (means - value) * sign < -near  # infinite ones are equal
    p = float("nan") if np.isnan(value) else float((1 + (~worse).sum()) / (1 + n))
    counts, edges = np.histogram(means, BINS) if np.isfinite(means).all() else (np.array([], int), np.array([]))
    z = sign * _z(value, mean, sd, near)
    return Null(value, _apart(matrices), mean, sd, z, p, n, tuple(counts.tolist()), tuple(edges.tolist()))


def _means(matrices: Sequence[np.ndarray], columns: Sequence[np.ndarray]) -> np.ndarray:
    """Mean scores (k,) of all clips that have one; columns : (k, m) of each matrix, the truth of each row."""
    picked = [scores[np.arange(len(scores)), of] for scores, of in zip(matrices, columns, strict=True)]
    total = sum(np.nansum(scores, axis=1) for scores in picked)
    n_scored = sum((~np.isnan(scores)).sum(1) for scores in picked)
    with np.errstate(invalid="ignore"):
        return np.asarray(total / n_scored)


def _apart(matrices: Sequence[np.ndarray]) -> float:
    """Mean over films of the mean over truths of other clips; NaN where there is no other."""
    others = [np.where(np.eye(len(scores), dtype=bool), np.nan, scores) for scores in matrices]
    total = np.concatenate([np.nansum(scores, axis=1) for scores in others])
    n_scored = np.concatenate([(~np.isnan(scores)).sum(1) for scores in others])
    there = n_scored > 0
    return float((total[there] / n_scored[there]).mean()) if there.any() else float("nan")


def _z(value: float, mean: float, sd: float, near: float) -> float:
    """0 of a metric that is the same whatever the truth is."""
    if abs(value - mean) <= near:
        return 0.0
    return (value - mean) / sd if sd > 0 else float("nan")

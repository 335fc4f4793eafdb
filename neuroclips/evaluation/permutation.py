"""Films against truths that are shifted in time: what they score against the truth of another clip, p and z.

A film is scored against every truth of its group, of some thirty neighbouring clips of one film; draws only look these
scores up. In every draw the truths of each group are shifted in a circle by a number of places of its own, 0 among
them. Such shifts are a group of permutations, so that p is exact for clips that may change places. As neighbours stay
neighbours, it is nearly so for clips that resemble the ones before them, but for the seam of each circle: of 240 clips
that keep 0.8 of the one before and of films that know nothing, p is at most 0.05 for 6 to 8 of 100 in groups of thirty,
for 8 to 9 in groups of ten. If single clips changed places that resemblance were lost, and it would be one in five.

Where there are fewer combinations of shifts than draws, as of a few clips, single clips are permuted within their group
instead. Such clips are then taken for ones that do not resemble their neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

PERMUTATIONS = 1000
TILE = 16  # films, and truths, of pairs that are scored at once
BINS = 40  # of the histogram
ROUNDING = 1e-9  # sums of the same scores in another order differ by less

# rows (k,) of films, rows (k,) of truths -> metric: scores (k,) of one against the other
PairScores = Callable[[np.ndarray, np.ndarray], Mapping[str, np.ndarray]]


@dataclass(frozen=True)
class Null:
    """The mean score of all clips, and what it is when each is compared with a truth of its group.

    value : of films against their own truth. floor : mean over films, of each over the truths of other clips of its
    group; it is what shuffled clips score. mean, sd : of n draws, in some of which clips meet their own truth, as a
    group of permutations has the one that changes nothing. z : (value - mean) / sd, above 0 where value is better.
    p : (1 + draws that are at least as good) / (1 + n); one with more infinitely good scores is better. counts (BINS,),
    edges (BINS + 1,) : histogram of the draws; empty where one is infinite.
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
    """Of one metric, from the scores (m, m) of its groups; the same seed shifts every metric alike.

    Pairs without a score (NaN) are left out of a mean. Where a mean is infinite, as PSNR is for equal frames, z is NaN.
    """
    own = np.asarray(sum(_sums(scores, np.arange(len(scores))[None]) for scores in matrices))
    drawn = _drawn(matrices, np.random.default_rng(seed), n)
    value, means = float(_means(own)[0]), _means(drawn)
    sign, near = 1 if higher_is_better else -1, ROUNDING * max(1.0, abs(value) if np.isfinite(value) else 0.0)
    with np.errstate(invalid="ignore"):
        mean, sd = float(means.mean()), float(means.std())
    p = float("nan") if np.isnan(value) else float((1 + (~_worse(drawn, own, sign, near)).sum()) / (1 + n))
    counts, edges = np.histogram(means, BINS) if np.isfinite(means).all() else (np.array([], int), np.array([]))
    z = sign * _z(value, mean, sd, near)
    return Null(value, _apart(matrices), mean, sd, z, p, n, tuple(counts.tolist()), tuple(edges.tolist()))


def _drawn(matrices: Sequence[np.ndarray], random: np.random.Generator, n: int) -> np.ndarray:
    """Sums (n, 3) of draws: of shifts, or of permutations where there are fewer combinations of shifts than n."""
    sizes = [len(scores) for scores in matrices]
    if prod(sizes) < n:
        orders = [random.permuted(np.repeat(np.arange(m)[None], n, axis=0), axis=1) for m in sizes]  # (n, m) each
        return np.asarray(sum(_sums(scores, order) for scores, order in zip(matrices, orders, strict=True)))
    shifts = [np.add.outer(np.arange(m), np.arange(m)) % m for m in sizes]  # row s: the truths, shifted by s places
    sums = [_sums(scores, order) for scores, order in zip(matrices, shifts, strict=True)]  # (m, 3) each
    return np.asarray(sum(of[random.integers(len(of), size=n)] for of in sums))


def _sums(scores: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """For each order of truths (k, m) the sum of finite scores, how many scores there are, and how many are infinite,
    those below 0 counting as -1: (k, 3)."""
    picked = scores[np.arange(len(scores)), columns]
    finite = np.where(np.isfinite(picked), picked, 0.0).sum(1)
    infinite = np.where(np.isinf(picked), np.sign(picked), 0.0).sum(1)
    return np.stack([finite, (~np.isnan(picked)).sum(1), infinite], 1)


def _means(sums: np.ndarray) -> np.ndarray:
    """Mean scores (k,) of all clips that have one, of sums (k, 3)."""
    total, n_scored, infinite = sums.T
    with np.errstate(invalid="ignore"):
        return np.where(infinite == 0, total / n_scored, np.sign(infinite) * np.inf)


def _worse(drawn: np.ndarray, own: np.ndarray, sign: int, near: float) -> np.ndarray:
    """Which draws (n,) are worse than films against their own truths: fewer infinitely good scores, or a lower mean."""
    more = sign * (drawn[:, 2] - own[:, 2])
    with np.errstate(invalid="ignore"):
        better = sign * (drawn[:, 0] / drawn[:, 1] - own[:, 0] / own[:, 1])
    return (more < 0) | ((more == 0) & (better < -near))


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

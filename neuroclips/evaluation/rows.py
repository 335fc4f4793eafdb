"""Scores of clips: of films against their truths, and of films against the truths of other clips."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from neuroclips.clips import in_batches
from neuroclips.evaluation.permutation import Null, PairScores, null, parts, score_pairs
from neuroclips.evaluation.seen import AT_ONCE, Eyes, Shown
from neuroclips.files import save_arrays
from neuroclips.kept import kept_file
from neuroclips.metrics.features import Features
from neuroclips.metrics.protocols import Protocol
from neuroclips.metrics.registry import METRICS
from neuroclips.metrics.score import score
from neuroclips.reading import read_arrays

Rows = dict[str, np.ndarray]  # of each metric, a score for each clip: (n,)
Group = tuple[np.ndarray, np.ndarray]  # rows of its clips (m,), and scores (m, m)
SHUFFLED_TOGETHER = 6  # clips: what is large is compared within random parts of a film (permutation.py)


def scores(films: Shown, truths: Shown, eyes: Eyes) -> Rows:
    """Scores (n,) of every clip of `films` by all metrics of the protocol, in its order."""
    true = truths.of(films.clips)
    found = score(eyes.small_features(films), small_truths(films, truths, eyes), eyes.small)
    found |= kept_rows(eyes, (films.key, truths.key, films.clips), partial(_large_scores, films, true, eyes))
    return {name: np.asarray(found[name], float) for name in eyes.protocol.metrics if name in found}


def kept_rows(eyes: Eyes, of: tuple, make: Callable[[], Rows]) -> Rows:
    """Scores by large features, which take long and are kept; of : what they are of, beside protocol and judges."""
    if not eyes.large.metrics:
        return {}
    path = eyes.home / f"{eyes.key(*of, eyes.large)}.npz"
    return kept_file(path, lambda: save_arrays(path, **make()), partial(read_arrays, names=eyes.large.metrics))


def _large_scores(films: Shown, true: Shown, eyes: Eyes) -> Rows:
    rows = [
        score(eyes.large_features(films.of(few)), eyes.large_features(true.of(few)), eyes.large)
        for few in in_batches(films.clips, AT_ONCE)
    ]
    return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}


def small_truths(films: Shown, truths: Shown, eyes: Eyes) -> Features:
    """What judges said of the true films of the clips of `films`."""
    place = {clip: row for row, clip in enumerate(truths.clips)}
    return eyes.small_features(truths)[[place[clip] for clip in films.clips]]


@dataclass(frozen=True)
class Shuffled:
    """Of one metric: the null of permutations, and of each film its mean score against the truth of other clips."""

    null: Null
    each: np.ndarray  # (n,)


def shuffled(films: Shown, truths: Shown, eyes: Eyes, groups: np.ndarray, seed: int, n: int) -> dict[str, Shuffled]:
    """Clips permuted within groups (n,), which are films; without metrics that never look at the truth."""
    one, other = eyes.small_features(films), small_truths(films, truths, eyes)
    small = _looking(eyes.small)
    found = _by_group(lambda a, b: score(one[a], other[b], small), groups)
    if eyes.large.metrics:
        divided = parts(groups, SHUFFLED_TOGETHER, seed)
        found |= _by_group(_Large(films, truths.of(films.clips), eyes), divided)
    looked = [name for name in eyes.protocol.metrics if name in found]
    return {name: _shuffled(name, found[name], seed, n) for name in looked}


def _by_group(pairs: PairScores, groups: np.ndarray) -> dict[str, list[Group]]:
    """Of each metric every group's clips and their scores (m, m); a call is one film against all truths of its group,
    for there are metrics that look at them together."""
    found: dict[str, list[Group]] = {}
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)

        def within(a: np.ndarray, b: np.ndarray, of: np.ndarray = members) -> Mapping[str, np.ndarray]:
            return pairs(of[a], of[b])

        matrices = score_pairs(within, np.zeros(len(members), int), at_once=len(members))
        for name, (matrix,) in matrices.items():
            found.setdefault(name, []).append((members, matrix))
    return found


class _Large:
    """Scores of pairs of films and truths whose frames are opened for one group after the other."""

    def __init__(self, films: Shown, true: Shown, eyes: Eyes):
        self.films, self.true, self.eyes = films, true, eyes
        self.rows: tuple[int, ...] = ()

    def __call__(self, a: np.ndarray, b: np.ndarray) -> Rows:
        if (rows := tuple(b.tolist())) != self.rows:  # every film of a group meets all of its truths
            self.rows, few = rows, [self.films.clips[row] for row in rows]
            self.seen = [self.eyes.large_features(shown.of(few)) for shown in (self.films, self.true)]
        one, other = self.seen
        return score(one[[self.rows.index(row) for row in a]], other, self.eyes.large)


def _shuffled(name: str, found: Sequence[Group], seed: int, n: int) -> Shuffled:
    each = np.full(sum(len(members) for members, _ in found), np.nan)
    with np.errstate(invalid="ignore"):  # of scores that are infinite
        for members, matrix in found:
            each[members] = _others(matrix)
    matrices = [matrix for _, matrix in found]
    return Shuffled(null(matrices, METRICS[name].about.higher_is_better, seed, n), each)


def _others(matrix: np.ndarray) -> np.ndarray:
    """Of each row the mean without the diagonal; NaN where there is no other."""
    n = len(matrix)
    return (matrix.sum(1) - matrix.diagonal()) / (n - 1) if n > 1 else np.full(1, np.nan)


def _looking(protocol: Protocol) -> Protocol:
    """A protocol without metrics that score the same whatever the truth is."""
    looks = tuple(name for name in protocol.metrics if not METRICS[name].is_blind(protocol))
    return replace(protocol, metrics=looks)

"""Scores of clips: of films against their truths, and of films against the truths of other clips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from neuroclips.clips import in_batches
from neuroclips.evaluation.every_pair import Pairwise
from neuroclips.evaluation.permutation import Null, PairScores, null, score_pairs
from neuroclips.evaluation.seen import AT_ONCE, Eyes, Shown
from neuroclips.files import save_arrays
from neuroclips.kept import kept_file
from neuroclips.metrics.features import Features
from neuroclips.metrics.likeness import two_way
from neuroclips.metrics.registry import METRICS
from neuroclips.metrics.score import score, served
from neuroclips.reading import read_arrays

Rows = dict[str, np.ndarray]  # of each metric, a score for each clip: (n,)
Matrices = dict[str, list[np.ndarray]]  # of each metric, scores (m, m) of all pairs of each group


def scores(films: Shown, truths: Shown, eyes: Eyes) -> Rows:
    """Scores (n,) of every clip of `films` by all metrics of the protocol, in its order.

    truths : of these clips and others; whatever films are scored, clip_two_way ranks their truths among all of these.
    """
    true, seen = truths.of(films.clips), eyes.small_features(films)
    found = score(seen, small_truths(films, truths, eyes), eyes.small)
    if "clip_two_way" in found:
        found["clip_two_way"] = two_way(seen, eyes.small_features(truths), _places(films, truths))
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
    return eyes.small_features(truths)[_places(films, truths)]


def _places(films: Shown, truths: Shown) -> np.ndarray:
    """The row (n,) that the truth of each film has."""
    place = {clip: row for row, clip in enumerate(truths.clips)}
    return np.array([place[clip] for clip in films.clips], int)


@dataclass(frozen=True)
class Shuffled:
    """Of one metric: the null of permutations, and of each film (n,) where it stands.

    each : its mean score against the truths of other clips of its group. p : the share of the truths of its group on
    which it scores at least as well as on its own, which is one of them; NaN for a film that has no score.
    """

    null: Null
    each: np.ndarray
    p: np.ndarray


def shuffled(films: Shown, truths: Shown, eyes: Eyes, groups: np.ndarray, seed: int, n: int) -> dict[str, Shuffled]:
    """Truths shifted within groups (n,), some thirty neighbouring clips of one film each (permutation.py).

    Without metrics that never look at the truth, and without those that no film has a score of against another truth.
    """
    matrices = _small_matrices(films, truths, eyes, groups)
    if eyes.large.metrics:
        matrices |= _large_matrices(films, truths.of(films.clips), eyes, groups)
    found = {name: _shuffled(name, rows, groups, seed, n) for name, rows in matrices.items()}
    return {m: found[m] for m in eyes.protocol.metrics if m in found and not np.isnan(found[m].each).all()}


def _small_matrices(films: Shown, truths: Shown, eyes: Eyes, groups: np.ndarray) -> Matrices:
    one, places = eyes.small_features(films), _places(films, truths)
    looks = [name for name in served(one, eyes.small) if not METRICS[name].is_blind(eyes.protocol)]
    pairs = Pairwise(one, eyes.small_features(truths), eyes.small, looks)
    return score_pairs(lambda rows, columns: pairs(rows, places[columns]), groups)


def _large_matrices(films: Shown, true: Shown, eyes: Eyes, groups: np.ndarray) -> Matrices:
    """Frames of one group after the other are in memory. Pairs take minutes and are kept."""
    path = eyes.home / f"{eyes.key('pairs', films.key, true.key, films.clips, groups.tolist(), eyes.large)}.npz"

    def make() -> None:
        found = [
            score_pairs(_large_pairs(films.of(few), true.of(few), eyes), np.zeros(len(few), int))
            for group in np.unique(groups)
            if (few := [films.clips[row] for row in np.flatnonzero(groups == group)])
        ]
        save_arrays(path, **{name: np.concatenate([of[name][0].ravel() for of in found]) for name in found[0]})

    kept = kept_file(path, make, partial(read_arrays, names=eyes.large.metrics))
    sizes = np.unique(groups, return_counts=True)[1]
    ends = np.cumsum(sizes**2)[:-1]
    return {
        name: [part.reshape(m, m) for part, m in zip(np.split(flat, ends), sizes, strict=True)]
        for name, flat in kept.items()
    }


def _large_pairs(films: Shown, true: Shown, eyes: Eyes) -> PairScores:
    return Pairwise(eyes.large_features(films), eyes.large_features(true), eyes.large)


def _shuffled(name: str, matrices: Sequence[np.ndarray], groups: np.ndarray, seed: int, n: int) -> Shuffled:
    each, p = np.full((2, len(groups)), np.nan)
    higher = METRICS[name].about.higher_is_better
    for group, matrix in zip(np.unique(groups), matrices, strict=True):
        own = matrix.diagonal()[:, None]
        each[groups == group] = _others(matrix)
        as_good = (matrix >= own if higher else matrix <= own).sum(1) / np.maximum((~np.isnan(matrix)).sum(1), 1)
        p[groups == group] = np.where(np.isnan(own[:, 0]), np.nan, as_good)
    return Shuffled(null(matrices, higher, seed, n), each, p)


def _others(matrix: np.ndarray) -> np.ndarray:
    """Of each row the mean of the scores that are not on the diagonal; NaN where there is none."""
    others = np.where(np.eye(len(matrix), dtype=bool), np.nan, matrix)
    there = (~np.isnan(others)).sum(1)
    return np.where(there > 0, np.nansum(others, axis=1) / np.maximum(there, 1), np.nan)

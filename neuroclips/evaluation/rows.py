"""Scores of clips: of films against their truths, and of films against the truths of other clips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from neuroclips.clips import in_batches
from neuroclips.evaluation.every_pair import Pairwise
from neuroclips.evaluation.permutation import Null, null, parts, score_pairs
from neuroclips.evaluation.seen import AT_ONCE, Eyes, Shown
from neuroclips.files import save_arrays
from neuroclips.kept import kept_file
from neuroclips.metrics.features import Features
from neuroclips.metrics.registry import METRICS
from neuroclips.metrics.score import score, served
from neuroclips.reading import read_arrays

Rows = dict[str, np.ndarray]  # of each metric, a score for each clip: (n,)
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
    """Of one metric: the null of permutations, and of each film (n,) where it stands.

    each : its mean score against the truths of other clips. p : the share of all truths on which it scores at least as
    well as on its own, which is one of them.
    """

    null: Null
    each: np.ndarray
    p: np.ndarray


def shuffled(films: Shown, truths: Shown, eyes: Eyes, groups: np.ndarray, seed: int, n: int) -> dict[str, Shuffled]:
    """Clips permuted within groups (n,), which are films; without metrics that never look at the truth."""
    one, other = eyes.small_features(films), small_truths(films, truths, eyes)
    looks = [name for name in served(one, eyes.small) if not METRICS[name].is_blind(eyes.protocol)]
    matrices = score_pairs(Pairwise(one, other, eyes.small, looks), groups)
    found = {name: _shuffled(name, rows, groups, seed, n) for name, rows in matrices.items()}
    if eyes.large.metrics:
        divided = parts(groups, SHUFFLED_TOGETHER, seed)
        large = _large_matrices(films, truths.of(films.clips), eyes, divided)
        found |= {name: _shuffled(name, rows, divided, seed, n) for name, rows in large.items()}
    return {name: found[name] for name in eyes.protocol.metrics if name in found}


def _large_matrices(films: Shown, true: Shown, eyes: Eyes, groups: np.ndarray) -> dict[str, list[np.ndarray]]:
    """Scores (m, m) of each group, whose frames are in memory one group after the other."""
    found: dict[str, list[np.ndarray]] = {}
    for group in np.unique(groups):
        clips = [films.clips[row] for row in np.flatnonzero(groups == group)]
        pairs = Pairwise(eyes.large_features(films.of(clips)), eyes.large_features(true.of(clips)), eyes.large)
        for name, (matrix,) in score_pairs(pairs, np.zeros(len(clips), int)).items():
            found.setdefault(name, []).append(matrix)
    return found


def _shuffled(name: str, matrices: Sequence[np.ndarray], groups: np.ndarray, seed: int, n: int) -> Shuffled:
    each, p = np.full((2, len(groups)), np.nan)
    higher = METRICS[name].about.higher_is_better
    with np.errstate(invalid="ignore"):  # of scores that are infinite
        for group, matrix in zip(np.unique(groups), matrices, strict=True):
            each[groups == group] = _others(matrix)
            own = matrix.diagonal()[:, None]
            p[groups == group] = (matrix >= own if higher else matrix <= own).mean(1)
    return Shuffled(null(matrices, higher, seed, n), each, p)


def _others(matrix: np.ndarray) -> np.ndarray:
    """Of each row the mean without the diagonal; NaN where there is no other."""
    n = len(matrix)
    return (matrix.sum(1) - matrix.diagonal()) / (n - 1) if n > 1 else np.full(1, np.nan)

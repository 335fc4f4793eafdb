"""Intervals of mean scores: clips that were seen in the same minute are drawn together, for they resemble each other.

A percentile interval of few blocks is too narrow, so its levels are those of a t distribution with as many degrees of
freedom as blocks less one, and the spread is brought to that of a sample ("expanded percentile interval": Hesterberg,
What teachers should know about the bootstrap, The American Statistician 69, 2015, section 4.2). Below six blocks no
percentile of so few means lies far enough out: the interval is Student's t of the means of blocks. Of one block there
is no interval: nothing tells how far another block would be.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from neuroclips.errors import InputError

DRAWS = 2000  # bootstrap samples of blocks, and at most as many patterns of signs
LEVEL = 0.95
FEWEST = 6  # blocks that are resampled; fewer have an interval of Student's t
ONE_BLOCK = "all clips are of one block of neighbours, which does not tell how far another would be"
INFINITE = "of fewer than six blocks, one has an infinite score"


@dataclass(frozen=True)
class Interval:
    """A mean and its 95 % interval. sd : spread of the clips. n : clips that have a score.

    low and high are NaN where there is no interval, for the reason `why`, which is empty else.
    """

    value: float
    low: float
    high: float
    sd: float
    n: int
    why: str = field(default="", kw_only=True)


@dataclass(frozen=True)
class Pooled(Interval):
    """The mean over subjects, or seeds, of scores of the same clips; sd : spread of their means, which are `each`.

    The interval is about other clips of the same subjects, sd about these subjects: of three, no more can be said.
    """

    each: tuple[float, ...]


@dataclass(frozen=True)
class Difference:
    """Mean of a - b over n common clips, its 95 % interval or `why` there is none, and the two-sided p of none."""

    value: float
    low: float
    high: float
    p: float
    n: int
    why: str = ""


def ends(found: Interval | Difference) -> dict[str, object]:
    """An interval as reports have it: "ci", of two numbers, or of None and None and then "why"."""
    return {"ci": [None, None], "why": found.why} if found.why else {"ci": [found.low, found.high]}


def interval(values: np.ndarray, blocks: np.ndarray, seed: int = 0, n: int = DRAWS) -> Interval:
    """The mean of scores (n_clips,) whose blocks (n_clips,) are resampled whole, n times.

    A clip without a score (NaN) is left out. One that is infinite, as the PSNR of equal frames is, makes the mean
    infinite, and an end of the interval where it is in most draws of blocks: none is left out unsaid.
    Raises InputError for shapes that differ and where no clip has a score.
    """
    values, blocks = _scored(values, blocks)
    low, high, why = _ends(values, blocks, seed, n)
    return Interval(_mean(values), low, high, _sd(values), len(values), why=why)


def pooled(values: np.ndarray, blocks: np.ndarray, seed: int = 0, n: int = DRAWS) -> Pooled:
    """The mean of scores (n_subjects, n_clips) of the same clips: a block is drawn for all subjects at once.

    Clips that one of them has no score of are left out for all.
    """
    values = np.atleast_2d(np.asarray(values, float))
    means, common = _over_subjects(values), ~np.isnan(values).any(0)
    found = interval(means, blocks, seed, n)
    each = [_mean(row[common]) for row in values]
    return Pooled(found.value, found.low, found.high, _sd(np.array(each)), found.n, tuple(each), why=found.why)


def difference(a: np.ndarray, b: np.ndarray, blocks: np.ndarray, seed: int = 0, n: int = DRAWS) -> Difference:
    """Of two conditions on the same clips, scores (n_clips,), or (n_subjects, n_clips) of which the mean is taken.

    p is that of flipping the sign of whole blocks: if the conditions do not differ, a block's difference is as likely
    with the other sign. Unlike a p from the bootstrap it is exact for few blocks; of five it cannot be below 0.0625.
    Equal scores differ by 0, two infinite ones too; where the mean is infinite p is NaN.
    """
    a, b = np.broadcast_arrays(np.asarray(a, float), np.asarray(b, float))
    with np.errstate(invalid="ignore"):
        apart = np.where(a == b, 0.0, a - b)
    values, blocks = _scored(_over_subjects(np.atleast_2d(apart)), blocks)
    low, high, why = _ends(values, blocks, seed, n)
    return Difference(_mean(values), low, high, _flipped(values, blocks, seed, n), len(values), why)


def stretches(groups: np.ndarray, length: int) -> np.ndarray:
    """Blocks (n,) of about `length` neighbouring rows of the same group (n,), as even as can be."""
    groups, blocks, first = np.asarray(groups), np.zeros(len(groups), int), 0
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        for stretch in np.array_split(rows, max(1, round(len(rows) / length))):
            blocks[stretch], first = first, first + 1
    return blocks


def _scored(values: np.ndarray, blocks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values, blocks = np.asarray(values, float), np.asarray(blocks)
    if values.ndim != 1 or values.shape != blocks.shape:
        raise InputError(
            f"got scores of shape {values.shape} and blocks of shape {blocks.shape}, expected a block each"
        )
    there = ~np.isnan(values)
    if not there.any():
        raise InputError(f"got {len(values)} clips without a score, expected one at least that has it")
    return values[there], np.unique(blocks[there], return_inverse=True)[1]


def _over_subjects(values: np.ndarray) -> np.ndarray:
    """Means (n_clips,) over subjects; NaN where one of them has no score."""
    with np.errstate(invalid="ignore"):
        return values.mean(0)


def _mean(values: np.ndarray) -> float:
    with np.errstate(invalid="ignore"):  # infinities of both signs have no mean
        return float(values.mean())


def _sd(values: np.ndarray) -> float:
    """Of a sample; NaN of one value, infinite as soon as a value is."""
    if not np.isfinite(values).all():
        return float("inf")
    return float(values.std(ddof=1)) if len(values) > 1 else float("nan")


def _ends(values: np.ndarray, blocks: np.ndarray, seed: int, n: int) -> tuple[float, float, str]:
    """The ends of the interval of the mean; NaN and why, where there is none."""
    from scipy.special import ndtr, stdtrit

    n_blocks = blocks.max() + 1
    if n_blocks < 2:
        return float("nan"), float("nan"), ONE_BLOCK
    if n_blocks < FEWEST:
        return _student(values, blocks)
    tail = ndtr(stdtrit(n_blocks - 1, (1 - LEVEL) / 2) * np.sqrt(n_blocks / (n_blocks - 1)))
    reached = np.quantile(_means(values, blocks, seed, n), [tail, 1 - tail], method="closest_observation")
    return float(reached[0]), float(reached[1]), ""


def _student(values: np.ndarray, blocks: np.ndarray) -> tuple[float, float, str]:
    """Student's t of the means of blocks, each weighed by its clips: the mean of all is a ratio of sums over blocks."""
    from scipy.special import stdtrit

    if not np.isfinite(values).all():
        equal = bool((values == values[0]).all())
        return (float(values[0]),) * 2 + ("",) if equal else (float("nan"), float("nan"), INFINITE)
    n, mean = blocks.max() + 1, values.mean()
    off = np.bincount(blocks, values - mean) * n / len(values)  # of each block, in units of the mean
    half = stdtrit(n - 1, (1 + LEVEL) / 2) * np.sqrt(np.square(off).sum() / (n - 1) / n)
    return float(mean - half), float(mean + half), ""


def _means(values: np.ndarray, blocks: np.ndarray, seed: int, n: int) -> np.ndarray:
    """Means (n,) of samples of as many blocks as there are, drawn with replacement."""
    n_blocks = blocks.max() + 1
    picked = np.random.default_rng(seed).multinomial(n_blocks, np.full(n_blocks, 1 / n_blocks), n)  # (n, n_blocks)
    sums = np.bincount(blocks, np.where(np.isfinite(values), values, 0.0))
    means = (picked @ sums) / (picked @ np.bincount(blocks))
    for infinite in (np.inf, -np.inf):
        means[picked @ np.bincount(blocks, values == infinite, n_blocks) > 0] += infinite
    return means


def _flipped(values: np.ndarray, blocks: np.ndarray, seed: int, n: int) -> float:
    """Share of patterns of signs of the blocks under which the sum is as far from 0 as it is."""
    sums = np.bincount(blocks, values)
    if not np.isfinite(sums).all():
        return float("nan")
    every = 2 ** len(sums) <= n
    if every:
        signs = 1 - 2 * (np.arange(2 ** len(sums))[:, None] >> np.arange(len(sums)) & 1)
    else:
        signs = np.random.default_rng(seed).choice([-1, 1], (n, len(sums)))
    far = np.abs(signs @ sums) >= abs(sums.sum()) - 1e-9 * np.abs(sums).sum()
    return float(far.mean() if every else (1 + far.sum()) / (1 + n))

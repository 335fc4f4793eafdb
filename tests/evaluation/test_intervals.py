"""Intervals hold what they promise for scores that resemble their neighbours, and say what cannot be known."""

import math

import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import t

from neuroclips.errors import InputError
from neuroclips.evaluation.intervals import difference, ends, interval, pooled, stretches


def neighbours_alike(rng, shape, kept=0.8):
    """Scores of mean 0 of which each keeps a share of the one before."""
    return lfilter([1], [1, -kept], rng.standard_normal(shape), axis=-1)


@pytest.fixture
def blocks():
    return stretches(np.repeat([0, 1], [240, 60]), 30)


def test_blocks_are_stretches_of_one_film(blocks):
    assert len(blocks) == 300 and np.bincount(blocks).tolist() == [30] * 10
    assert np.bincount(stretches(np.zeros(70), 30)).tolist() == [35, 35]
    assert stretches(np.array([7, 7, 3]), 30).tolist() == [1, 1, 0]


def test_the_truth_lies_in_95_of_100_intervals(blocks):
    """Ten blocks of a minute; clips that are taken for independent would miss it one time in three."""
    runs = neighbours_alike(np.random.default_rng(0), (500, 400), 0.6)[:, 100:]  # after it has settled
    held = [i.low <= 0 <= i.high for i in (interval(run, blocks, n=1000) for run in runs)]
    alone = [i.low <= 0 <= i.high for i in (interval(run, np.arange(300), n=300) for run in runs[:200])]
    assert 0.92 <= np.mean(held) <= 0.975 and np.mean(alone) < 0.75


@pytest.mark.parametrize("n_blocks", [2, 3, 5])
def test_of_few_blocks_it_is_students(n_blocks):
    """A percentile of the means of two blocks that were drawn again would hold the truth in half of all intervals."""
    rng, blocks = np.random.default_rng(7), np.repeat(np.arange(n_blocks), 30)
    runs = rng.standard_normal((600, n_blocks, 30)) + rng.standard_normal((600, n_blocks, 1))
    held = [i.low <= 0 <= i.high for i in (interval(run.ravel(), blocks) for run in runs)]
    assert 0.93 <= np.mean(held) <= 0.97
    found, means = interval(runs[0].ravel(), blocks), runs[0].mean(1)
    low, high = t.interval(0.95, n_blocks - 1, means.mean(), means.std(ddof=1) / math.sqrt(n_blocks))
    assert (found.low, found.high) == pytest.approx((low, high))
    less = difference(runs[0].ravel(), np.zeros(30 * n_blocks), blocks)
    assert (less.low, less.high) == pytest.approx((low, high)) and not less.why
    some = interval(np.r_[np.inf, runs[0].ravel()[1:]], blocks)
    assert some.value == math.inf and math.isnan(some.low) and "infinite" in some.why
    assert interval(np.full(30 * n_blocks, np.inf), blocks).low == math.inf


def test_a_known_case():
    """Independent clips: the interval is that of Student's t, within what 20,000 draws leave open."""
    values = np.random.default_rng(1).standard_normal(40) + 3
    found = interval(values, np.arange(40), n=20_000)
    half = 2.0227 * values.std(ddof=1) / math.sqrt(40)
    assert found.value == pytest.approx(values.mean()) and found.sd == pytest.approx(values.std(ddof=1))
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.08) and found.n == 40


def test_the_same_seed_gives_the_same_interval(blocks):
    values = neighbours_alike(np.random.default_rng(2), 300)
    assert interval(values, blocks, 5) == interval(values, blocks, 5) != interval(values, blocks, 6)
    assert interval(values, blocks + 100) == interval(values, blocks)  # only which are the same counts


def test_what_has_no_score_is_left_out_and_what_is_infinite_is_not(blocks):
    values = np.random.default_rng(3).standard_normal(300)
    holes = np.where(np.arange(300) % 7 == 0, np.nan, values)
    found = interval(holes, blocks)
    assert found.n == 257 and found.value == pytest.approx(np.nanmean(holes)) and found.low < found.value < found.high
    one = interval(np.r_[np.inf, values[1:]], blocks)
    assert one.value == one.high == one.sd == math.inf and math.isfinite(one.low)
    assert interval(np.full(300, np.inf), blocks).low == math.inf
    alone = interval(values, np.zeros(300, int))
    assert alone.value == pytest.approx(values.mean()) and math.isnan(alone.low) and math.isnan(alone.high)
    assert ends(alone) == {"ci": [None, None], "why": alone.why} and "one block" in alone.why and not found.why
    with pytest.raises(InputError, match="got 300 clips without a score"):
        interval(np.full(300, np.nan), blocks)
    with pytest.raises(InputError, match="expected a block each"):
        interval(values[1:], blocks)


def test_subjects_who_saw_the_same_clips_are_drawn_together(blocks):
    """What is common to them does not average out; what is their own is told as the spread between them."""
    rng = np.random.default_rng(4)
    common = neighbours_alike(rng, 300)
    values = common + np.array([[-1.0], [0.0], [1.0]])
    found = pooled(values, blocks)
    assert found.each == pytest.approx(tuple(values.mean(1))) and found.sd == pytest.approx(1.0)
    one = interval(common, blocks)
    assert (found.value, found.low, found.high) == pytest.approx((one.value, one.low, one.high))
    values[1, 3] = np.nan
    assert pooled(values, blocks).n == 299 and math.isnan(pooled(values[:1], blocks).sd)


def test_paired_conditions(blocks):
    rng = np.random.default_rng(5)
    a, common = neighbours_alike(rng, 300), neighbours_alike(rng, 300) * 10
    found = difference(a + common + 3, a[::-1] * 0 + common, blocks)
    assert found.low < found.value < found.high and found.p == pytest.approx(2 / 1024) and found.n == 300
    none = difference(common, common, blocks)
    assert (none.value, none.low, none.high, none.p) == (0, 0, 0, 1)
    three = difference(np.stack([a + 3, a + 4, a + 5]), np.stack([a, a, a]), blocks)
    assert three.value == pytest.approx(4) and three.p == pytest.approx(2 / 1024)
    equal = np.full(300, np.inf)
    assert difference(equal, equal, blocks).value == 0
    assert math.isnan(difference(equal, common, blocks).p) and difference(equal, common, blocks).value == math.inf


def test_p_is_uniform_where_there_is_no_difference():
    rng = np.random.default_rng(6)
    for n_blocks in (8, 40):  # all patterns of signs, and drawn ones
        blocks = np.repeat(np.arange(n_blocks), 10)
        apart = neighbours_alike(rng, (200, n_blocks, 10)).reshape(200, -1)
        p = np.array([difference(row, np.zeros_like(row), blocks, n=500).p for row in apart])
        assert abs((p <= 0.05).mean() - 0.05) < 0.04 and abs(p.mean() - 0.5) < 0.06

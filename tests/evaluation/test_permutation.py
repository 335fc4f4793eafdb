"""p is uniform for films that know nothing, neighbours alike or not, tiny for those that know; z is right on a case."""

import math

import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import kstest

from neuroclips.evaluation.intervals import stretches
from neuroclips.evaluation.permutation import null, score_pairs


def likeness(films, truths):
    """Scores of pairs: minus the distance, and the distance, of vectors (n, D)."""

    def pairs(rows, columns):
        far = np.square(films[rows] - truths[columns]).mean(1)
        return {"near": -far, "far": far}

    return pairs


def nulls(films, truths, groups, **options):
    scored = score_pairs(likeness(films, truths), groups)
    return {name: null(scored[name], name == "near", **options) for name in scored}


def test_p_is_uniform_for_a_predictor_that_knows_nothing():
    """Shifted in minutes; and permuted, where two groups of twelve have but 144 shifts."""
    rng = np.random.default_rng(0)
    shifted, permuted = [], []
    for _ in range(150):
        films, truths = rng.standard_normal((2, 240, 3)) + rng.standard_normal((2, 1, 3))
        shifted.append(nulls(films, truths, stretches(np.zeros(240), 30), n=300)["near"].p)
        films, truths = rng.standard_normal((2, 24, 3)) + rng.standard_normal((2, 24, 1))  # films of an offset each
        permuted.append(nulls(films, truths, np.repeat([0, 1], 12), n=200)["far"].p)
    assert kstest(shifted, "uniform").pvalue > 0.05 and kstest(permuted, "uniform").pvalue > 0.05


@pytest.mark.parametrize("length", [10, 30])
def test_neighbours_that_resemble_each_other_are_no_sign_of_knowledge(length):
    """Of AR(1) with 0.8, single clips that change places find knowledge in one of five; shifts in about one of 20."""
    rng, groups, alone = np.random.default_rng(1), stretches(np.zeros(240), length), np.zeros(240, int)
    p, single = [], []
    for _ in range(150):
        films, truths = lfilter([1], [1, -0.8], rng.standard_normal((2, 300)))[:, 60:, None]
        p.append(nulls(films, truths, groups, n=300)["near"].p)
        if length == 30 and len(p) <= 80:  # permuted, for 240 shifts are too few
            single.append(nulls(films, truths, alone, n=300)["near"].p)
    assert np.mean(np.array(p) <= 0.05) < (0.1 if length == 30 else 0.13)  # of ten, circles have three times the seams
    assert length == 10 or np.mean(np.array(single) <= 0.05) > 0.12


def test_p_is_tiny_for_one_that_knows_something_in_either_direction():
    rng = np.random.default_rng(1)
    truths = rng.standard_normal((120, 5))
    films, groups = truths + rng.standard_normal((120, 5)), stretches(np.repeat([0, 1], [90, 30]), 30)
    for found in nulls(films, truths, groups).values():
        assert found.p == pytest.approx(1 / 1001) and found.z > 5
    near = nulls(films, truths, groups)["near"]
    assert near.floor < near.mean < near.value
    worse = null([-m for m in score_pairs(likeness(truths, truths), groups)["near"]])
    assert worse.p == 1 and worse.z < -5


def test_z_on_a_known_case():
    """Of the m x m identity, all m clips meet their own truth in one shift of m, and none in the others."""
    m, k = 30, 4
    found = null([np.eye(m)] * k, n=20_000)
    assert found.value == 1 and found.floor == 0
    sd = math.sqrt((m - 1) / k) / m
    assert found.mean == pytest.approx(1 / m, rel=0.05) and found.sd == pytest.approx(sd, rel=0.05)
    assert found.z == pytest.approx((1 - 1 / m) / sd, rel=0.05)
    few = null([np.eye(m)], n=20_000)  # permuted: one fixed point on average, with variance 1
    assert few.sd == pytest.approx(1 / m, rel=0.05) and few.z == pytest.approx(m - 1, rel=0.05)


def test_truths_are_shifted_whole_within_a_group():
    """What a draw can score are means of the wrapped diagonals of each group."""
    rng = np.random.default_rng(5)
    one, other = rng.standard_normal((2, 4, 4))
    rows = np.arange(4)
    means = [np.mean([one[rows, (rows + s) % 4], other[rows, (rows + t) % 4]]) for s in range(4) for t in range(4)]
    found = null([one, other], n=16)
    assert found.edges[0] >= min(means) - 1e-12 and found.edges[-1] <= max(means) + 1e-12
    many = null([one, other] * 8)
    assert many.mean == pytest.approx(np.mean([one, other]), abs=0.02)


def test_draws_are_the_same_for_all_metrics():
    """Films that know nothing but which film they are of score as well as any shift."""
    groups = np.repeat([0, 1], [40, 60])
    films = truths = np.where(groups == 0, -5.0, 5.0)[:, None]
    known = nulls(films, truths, groups, n=100)
    assert known["near"].p == 1 and known["near"].z == 0 and known["near"].value == known["near"].floor == 0
    films, truths = np.random.default_rng(2).standard_normal((2, 100, 2))
    near, far = nulls(films, truths, groups, seed=3).values()
    assert (near.mean, near.sd, near.z, near.p) == pytest.approx((-far.mean, far.sd, far.z, far.p))
    assert sum(near.counts) == 1000 and len(near.edges) == len(near.counts) + 1
    assert near.edges[0] < near.mean < near.edges[-1]


def test_pairs_without_a_score_or_with_an_infinite_one():
    rng = np.random.default_rng(4)
    scores = rng.standard_normal((12, 12))
    holes = scores.copy()
    holes[3], holes[:, 5] = np.nan, np.nan  # a film and a truth of one colour
    found = null([holes])
    assert found.value == pytest.approx(np.nanmean(holes.diagonal())) and math.isfinite(found.z)
    equal = np.where(np.eye(12, dtype=bool), np.inf, scores)
    for groups in ([equal], [equal] * 10):  # permuted, and shifted
        best = null(groups)
        assert best.value == math.inf and math.isnan(best.z) and best.counts == () and best.p == pytest.approx(1 / 1001)
        assert best.floor == pytest.approx(scores[~np.eye(12, dtype=bool)].mean())
    assert null([-equal], higher_is_better=False).p == pytest.approx(1 / 1001) and null([-equal]).p == 1
    one = scores.copy()
    one[0, 1] = np.inf  # another truth fits one film exactly
    assert null([one] * 10).p > 0.1
    assert math.isnan(null([np.full((3, 3), np.nan)]).p) and math.isnan(null([np.ones((1, 1))]).floor)


def test_every_pair_is_scored_once_in_the_right_order():
    found = score_pairs(lambda rows, columns: {"code": 100 * rows + columns}, np.array([1, 0, 1]), edge=1)
    assert [m.tolist() for m in found["code"]] == [[[101]], [[0, 2], [200, 202]]]
    calls = []
    score_pairs(lambda rows, columns: calls.append(len(rows)) or {"x": rows * 0.0}, np.repeat([5, 6], [60, 30]), 25)
    assert sum(calls) == 60**2 + 30**2 and max(calls) == 625

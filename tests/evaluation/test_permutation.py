"""p is uniform for films that know nothing, tiny for those that know something, and z is right on a known case."""

import math

import numpy as np
import pytest
from scipy.stats import kstest

from neuroclips.evaluation.permutation import null, parts, score_pairs, shuffled


def likeness(films, truths):
    """Scores of pairs: minus the distance, and the distance, of vectors (n, D)."""

    def pairs(rows, columns):
        far = np.square(films[rows] - truths[columns]).mean(1)
        return {"near": -far, "far": far}

    return pairs


DIRECTIONS = {"near": True, "far": False}


def test_p_is_uniform_for_a_predictor_that_knows_nothing():
    rng = np.random.default_rng(0)
    p = []
    for _ in range(60):
        films, truths = rng.standard_normal((2, 24, 3)) + rng.standard_normal((2, 24, 1))  # films of an offset each
        p.append(shuffled(likeness(films, truths), np.repeat([0, 1], 12), DIRECTIONS, n=200)["near"].p)
    assert kstest(p, "uniform").pvalue > 0.05
    in_parts = []
    for _ in range(60):
        films, truths = rng.standard_normal((2, 24, 3))
        groups = parts(np.zeros(24), 4)
        in_parts.append(shuffled(likeness(films, truths), groups, DIRECTIONS, n=200)["far"].p)
    assert kstest(in_parts, "uniform").pvalue > 0.05


def test_p_is_tiny_for_one_that_knows_something_in_either_direction():
    rng = np.random.default_rng(1)
    truths = rng.standard_normal((60, 5))
    found = shuffled(likeness(truths + rng.standard_normal((60, 5)), truths), np.repeat([0, 1], [48, 12]), DIRECTIONS)
    for name in ("near", "far"):
        assert found[name].p == pytest.approx(1 / 1001) and found[name].z > 5
    assert found["near"].floor < found["near"].mean < found["near"].value
    worse = null([-m for m in score_pairs(likeness(truths, truths), np.zeros(60))["near"]])
    assert worse.p == 1 and worse.z < -5


def test_z_on_a_known_case():
    """Of the n x n identity, what is scored under a permutation is the number of fixed points over n: mean and variance
    1 of the number, whatever n is."""
    n = 50
    found = null([np.eye(n)], n=20_000)
    assert found.value == 1 and found.floor == 0
    assert found.mean == pytest.approx(1 / n, rel=0.05) and found.sd == pytest.approx(1 / n, rel=0.05)
    assert found.z == pytest.approx(n - 1, rel=0.05)
    two = null([np.eye(n), np.eye(n)], n=20_000)  # two films: two fixed points on average, of 100 clips
    assert two.z == pytest.approx((2 * n - 2) / math.sqrt(2), rel=0.05)


def test_shuffles_stay_within_a_film_and_are_the_same_for_all_metrics():
    """Films that know nothing but which film they are of score as well as any shuffle."""
    groups = np.repeat([0, 1], [20, 30])
    films = truths = np.where(groups == 0, -5.0, 5.0)[:, None]
    known = shuffled(likeness(films, truths), groups, DIRECTIONS, n=100)
    assert known["near"].p == 1 and known["near"].z == 0 and known["near"].value == known["near"].floor == 0
    rng = np.random.default_rng(2)
    films, truths = rng.standard_normal((2, 50, 2))
    near, far = shuffled(likeness(films, truths), groups, DIRECTIONS, seed=3).values()
    assert (near.mean, near.sd, near.z, near.p) == pytest.approx((-far.mean, far.sd, far.z, far.p))
    assert sum(near.counts) == 1000 and len(near.edges) == len(near.counts) + 1
    assert near.edges[0] < near.mean < near.edges[-1]


def test_parts_are_drawn_within_groups_and_cost_less():
    groups = np.repeat([5, 6], [240, 60])
    divided = parts(groups, 60, seed=1)
    assert sorted(np.bincount(divided)) == [60] * 5 and len(set(zip(groups, divided, strict=True))) == 5
    assert (divided == parts(groups, 60, seed=1)).all() and (divided != parts(groups, 60, seed=2)).any()
    calls = []
    score_pairs(lambda rows, columns: calls.append(len(rows)) or {"x": rows * 0.0}, divided, edge=25)
    assert sum(calls) == 5 * 60**2 and max(calls) == 625


def test_parts_give_the_floor_of_the_whole_film():
    rng = np.random.default_rng(3)
    truths = rng.standard_normal((240, 8))
    pairs = likeness(truths + rng.standard_normal((240, 8)), truths)
    whole, divided = (shuffled(pairs, g, DIRECTIONS)["near"] for g in (np.zeros(240), parts(np.zeros(240), 40)))
    assert divided.value == pytest.approx(whole.value) and divided.floor == pytest.approx(whole.floor, rel=0.03)
    assert divided.z == pytest.approx(whole.z, rel=0.15) and divided.p == whole.p


def test_pairs_without_a_score_or_with_an_infinite_one():
    rng = np.random.default_rng(4)
    scores = rng.standard_normal((12, 12))
    holes = scores.copy()
    holes[3], holes[:, 5] = np.nan, np.nan  # a film and a truth of one colour
    found = null([holes])
    assert found.value == pytest.approx(np.nanmean(holes.diagonal())) and math.isfinite(found.z)
    equal = np.where(np.eye(12, dtype=bool), np.inf, scores)
    best = null([equal])
    assert best.value == math.inf and math.isnan(best.z) and best.counts == ()
    assert best.floor == pytest.approx(scores[~np.eye(12, dtype=bool)].mean())
    assert math.isnan(null([np.full((3, 3), np.nan)]).p) and math.isnan(null([np.ones((1, 1))]).floor)


def test_every_pair_is_scored_once_in_the_right_order():
    found = score_pairs(lambda rows, columns: {"code": 100 * rows + columns}, np.array([1, 0, 1]), edge=1)
    assert [m.tolist() for m in found["code"]] == [[[101]], [[0, 2], [200, 202]]]

"""The nearest training clip, scores by its distance, and in how many directions tokens vary: known answers."""

import numpy as np
import pytest

from neuroclips.evaluation import spurious
from neuroclips.evaluation.middles import Middles

RANDOM = np.random.default_rng(0)


def looked_at(embeddings):
    unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    return Middles(unit, np.zeros((len(unit), 32), np.uint8), np.zeros((1, 2, 2)))


def test_the_nearest_training_clip_is_found_with_its_film():
    train = looked_at(RANDOM.normal(size=(600, 16)))
    copies = looked_at(train.embeddings[[3, 240, 599]] + 1e-4)
    near = spurious.nearest(copies, train)
    assert near.film.tolist() == [0, 1, 2] and near.tr.tolist() == [3, 0, 119] and near.distance.max() < 1e-4
    assert spurious.nearest(looked_at(RANDOM.normal(size=(5, 16))), train).distance.min() > 0.1


def test_a_score_that_falls_with_distance_has_a_slope_and_a_flat_one_has_none():
    distance, blocks = RANDOM.gamma(2, size=300), np.arange(300) // 30
    far = (distance - distance.mean()) / distance.std()
    noise = 0.1 * RANDOM.normal(size=300)
    falling = spurious.by_distance(0.7 - 0.2 * far + noise, distance, blocks)
    assert falling["slope"] == pytest.approx(np.polyfit(far, 0.7 - 0.2 * far + noise, 1)[0])
    assert falling["slope ci"][0] < -0.2 < falling["slope ci"][1] < -0.15
    thirds = [falling["thirds"][name]["value"] for name in spurious.THIRDS]
    assert thirds == sorted(thirds, reverse=True)
    flat = spurious.by_distance(0.7 + noise, distance, blocks)
    assert flat["slope ci"][0] < 0 < flat["slope ci"][1]


def test_scores_that_are_not_finite_are_left_out():
    scores, distance = np.arange(60.0), np.arange(60.0)
    found = spurious.by_distance(np.r_[scores, np.inf, np.nan], np.r_[distance, 7, 7], np.arange(62) // 10)
    assert found["slope"] == pytest.approx(distance.std())


@pytest.mark.parametrize("shape", [(200, 12), (12, 200)])
def test_the_effective_dimension_is_that_of_the_spread(shape):
    values = RANDOM.normal(size=shape)
    eigenvalues = np.linalg.eigvalsh(np.cov(values.T))
    expected = eigenvalues.sum() ** 2 / (eigenvalues**2).sum()
    assert spurious.effective_dimension(values) == pytest.approx(expected)
    line = RANDOM.normal(size=(shape[0], 1)) * RANDOM.normal(size=shape[1])
    assert spurious.effective_dimension(line + 5) == pytest.approx(1)
    assert spurious.effective_dimension(values) > 7

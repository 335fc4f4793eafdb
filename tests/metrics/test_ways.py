"""N-way accuracy is exact where others draw lots, for any N, top K and number of true classes; chance is as said."""

import numpy as np
import pytest

from neuroclips.metrics.ways import chance, exact, hits, most_ways, sampled


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize(("n", "truths", "top"), [(2, 1, 1), (5, 1, 1), (2, 3, 1), (8, 3, 1), (6, 1, 3), (7, 3, 2)])
def test_it_is_what_20_000_draws_estimate(n, truths, top, rng):
    """Drawn as the released programs do: true classes are in no pool, and one that beats all others drawn is a hit."""
    logits, true = np.arange(20.0), [14, 9, 3][:truths]  # of the others 5 score above the best true one
    truth = rng.random(20)
    truth[true] += 1
    others = np.setdiff1d(np.arange(20), true)
    draws = np.stack([rng.permutation(others)[: n - 1] for _ in range(20_000)])
    wins = (logits[draws] > logits[true].max()).sum(1) < top
    assert 0 < wins.mean() < 1
    assert exact(logits, truth, n, truths, top) == pytest.approx(wins.mean(), abs=0.015)
    assert sampled(logits, truth, n, rng, truths, top, trials=20_000) == pytest.approx(wins.mean(), abs=0.015)


def test_it_counts_the_classes_below_the_true_one():
    """Three of four others score below class 2: 3 / 4 of single draws, C(3, 2) / C(4, 2) of pairs, no set of four."""
    logits, truth = np.array([0.1, 0.9, 0.5, 0.2, 0.3]), np.eye(5)[2]
    assert [exact(logits, truth, n).item() for n in (2, 3, 5)] == pytest.approx([3 / 4, 3 / 6, 0], abs=1e-9)
    assert exact(logits, truth, 5, top=2) == pytest.approx(1.0)


def test_any_of_three_true_classes_is_enough():
    """True are 1, 2 and 3: in the film class 1 is above all others, the two others are below."""
    logits, truth = np.array([0.1, 0.9, -1, -2, 0.2, 0.3]), np.array([0, 3, 2, 1, 0, 0.0])
    assert exact(logits, truth, 4, truths=3) == 1
    logits[1] = 0.15  # below two of three others
    assert exact(logits, truth, 2, truths=3) == pytest.approx(1 / 3)


@pytest.mark.parametrize(("n", "truths", "top"), [(2, 1, 1), (10, 1, 1), (2, 3, 1), (50, 3, 1), (10, 3, 5), (50, 1, 5)])
def test_a_judge_without_a_clue_scores_chance(n, truths, top, rng):
    logits, truth = rng.standard_normal((2, 20_000, 92))
    assert exact(logits, truth, n, truths, top).mean() == pytest.approx(chance(n, truths, top), abs=0.01)
    assert exact(truth, truth, n, truths, top).min() == pytest.approx(1.0)


def test_chance_of_three_true_classes_is_not_one_over_n():
    assert chance(2, 3) == pytest.approx(0.75) and chance(50, 3) == pytest.approx(3 / 52)
    assert chance(2) == 0.5 and chance(50) == pytest.approx(1 / 50) and chance(3, top=3) == 1


def test_a_judge_without_an_opinion_scores_nothing():
    assert exact(np.zeros(9), np.arange(9.0), 2) == 0


@pytest.mark.parametrize("of", ["logits", "truths"])
def test_a_judge_that_says_nan_is_no_hit(of, rng):
    logits, truth = rng.standard_normal((2, 3, 9))
    {"logits": logits, "truths": truth}[of][1, 4] = np.nan
    with pytest.raises(ValueError, match="logits that are NaN"):
        exact(logits, truth, 2)


@pytest.mark.parametrize(("n_classes", "truths"), [(41, 1), (41, 3), (92, 3)])
def test_no_more_ways_than_the_judge_has_classes(n_classes, truths, rng):
    logits, truth = rng.standard_normal((2, 5, n_classes))
    most = most_ways(n_classes, truths)
    best = np.array([row[np.argsort(t)[-truths:]].max() == row.max() for row, t in zip(logits, truth, strict=True)])
    assert np.array_equal(exact(logits, truth, most, truths), best)
    for n in (1, most + 1):
        with pytest.raises(ValueError, match=f"expected 2 to {most}, what the judge of {n_classes} classes can do"):
            exact(logits, truth, n, truths)
    with pytest.raises(ValueError, match="expected the same shape"):
        exact(logits, truth[:, :-1], 2)


def test_hits_stay_within_0_and_1_for_many_classes():
    found = hits(np.arange(1000), 999, 50)
    assert found[0] == pytest.approx(1.0) and found[-1] == 0 and (np.diff(found) <= 1e-12).all()

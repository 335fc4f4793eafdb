"""N-way accuracy is exact where others draw lots; retrieval counts who finds its own among whom."""

import numpy as np
import pytest
import torch

from neuroclips.metrics.semantic import n_way_accuracy, retrieval_in_pools, retrieval_top1


@pytest.mark.parametrize("n", [2, 5])
def test_n_way_is_what_many_draws_estimate(n, generator):
    logits, truth = torch.randn(1, 12, generator=generator), torch.randn(1, 12, generator=generator)
    rng, true = np.random.default_rng(0), int(truth.argmax())
    others = [c for c in range(12) if c != true]
    wins = [bool((logits[0, true] > logits[0, rng.choice(others, n - 1, False)]).all()) for _ in range(20_000)]
    assert n_way_accuracy(logits, truth, n).item() == pytest.approx(np.mean(wins), abs=0.015)


def test_n_way_counts_the_classes_below_the_true_one():
    """Three of four others score below class 2: 3 / 4 of single draws, C(3, 2) / C(4, 2) of pairs, no set of four."""
    logits, truth = torch.tensor([[0.1, 0.9, 0.5, 0.2, 0.3]]), torch.eye(5)[[2]]
    found = [n_way_accuracy(logits, truth, n).item() for n in (2, 3, 5)]
    assert found == pytest.approx([3 / 4, 3 / 6, 0], abs=1e-6)


@pytest.mark.parametrize("n", [2, 10])
def test_n_way_chance_is_one_over_n(n, generator):
    logits, truth = torch.randn(4000, 40, generator=generator), torch.randn(4000, 40, generator=generator)
    assert n_way_accuracy(logits, truth, n).mean().item() == pytest.approx(1 / n, abs=0.03)
    assert n_way_accuracy(truth, truth, n).min().item() == pytest.approx(1.0)


def test_n_way_refuses_more_ways_than_classes():
    with pytest.raises(ValueError, match="expected 2 to 3"):
        n_way_accuracy(torch.zeros(1, 3), torch.zeros(1, 3), 4)


def test_retrieval_finds_its_own_and_chance_does_not(generator):
    target = torch.randn(300, 20, generator=generator)
    assert retrieval_top1(target + 0.1 * torch.randn(300, 20, generator=generator), target) > 0.99
    assert retrieval_top1(torch.randn(300, 20, generator=generator), target) < 0.03


def test_retrieval_goes_by_angle_from_predictions_to_targets():
    """Row 2 is wrong by angle, right by distance; row 3 right by angle, wrong by product; targets find all theirs."""
    target = torch.tensor([[9.0, 0.0], [0.0, 9.0], [1.0, 1.0], [-1.0, 1.0]])
    predicted = torch.tensor([[0.1, 0.0], [0.0, 5.0], [1.0, 0.1], [-1.0, 0.9]])
    assert retrieval_top1(predicted, target) == 3 / 4
    assert retrieval_top1(target, predicted) == 1


def pools(n_rows, size, seed):
    """The pools that seed deals, as lists of rows."""
    return torch.randperm(n_rows, generator=torch.Generator().manual_seed(seed)).split(size)


@pytest.mark.parametrize("seed", [0, 2])
def test_retrieval_in_pools_asks_only_rows_of_the_same_pool(seed):
    """The second of each pair answers with the target of the first: wrong only where both are in one pool."""
    target, predicted = torch.eye(12), torch.eye(12)
    predicted[1::2] = 0.5 * predicted[1::2] + target[0::2]
    together = sum(bool({row, row - 1} <= set(p.tolist())) for p in pools(12, 4, seed) for row in range(1, 12, 2))
    assert 0 < together < 6
    assert retrieval_in_pools(predicted, target, 4, seed) == pytest.approx(1 - together / 12)
    assert retrieval_in_pools(predicted, target, 12) == retrieval_top1(predicted, target) == pytest.approx(0.5)
    assert retrieval_in_pools(predicted, target, 1) == 1.0


def test_pools_of_another_size_are_refused():
    with pytest.raises(ValueError, match="got 10 samples, expected a multiple of 4"):
        retrieval_in_pools(torch.eye(10), torch.eye(10), 4)

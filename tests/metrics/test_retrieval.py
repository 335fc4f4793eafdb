"""Retrieval counts who finds its own among whom: by drawn pools, and by their expectation from ranks."""

import numpy as np
import pytest
import torch
from scipy.stats import hypergeom

from neuroclips.metrics.retrieval import (
    chance,
    neighbours,
    retrieval,
    retrieval_in_pools,
    retrieval_top1,
    similarity,
)


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


@pytest.fixture(scope="module")
def likeness():
    """(60, 60): queries that find their own more often than by chance."""
    generator = torch.Generator().manual_seed(0)
    target = torch.randn(60, 8, generator=generator)
    return similarity(target + 1.5 * torch.randn(60, 8, generator=generator), target).double().numpy()


def test_the_expectation_is_what_many_pools_give(likeness):
    rng = np.random.default_rng(0)
    for size, top in ((2, 1), (10, 1), (10, 5)):
        query = rng.integers(60, size=20_000)
        others = rng.permuted(np.tile(np.arange(59), (20_000, 1)), axis=1)[:, : size - 1]
        others += others >= query[:, None]  # not itself
        better = likeness[query[:, None], others] >= likeness[query, query][:, None]
        hits = better.sum(1) < top
        assert retrieval(likeness, [size], top).mean() == pytest.approx(hits.mean(), abs=0.012)


def test_the_largest_pool_is_all_of_them(likeness):
    own = likeness.argmax(1) == np.arange(60)
    assert np.array_equal(retrieval(likeness, [60])[0], own)
    assert retrieval(likeness, [1]).min() == 1 and retrieval(likeness, [3], top=3).min() == pytest.approx(1.0)
    falling = retrieval(likeness, range(2, 61)).mean(1)
    assert (np.diff(falling) < 0).all() and np.isnan(retrieval(likeness, [61])).all()


def test_it_is_the_distribution_function_of_scipy(likeness):
    better = (likeness > likeness.diagonal()[:, None]).sum(1)
    assert np.allclose(retrieval(likeness, [20], top=5)[0], hypergeom.cdf(4, 59, better, 19), atol=1e-9)


@pytest.mark.parametrize(("size", "top"), [(2, 1), (20, 1), (20, 5), (4, 5)])
def test_who_knows_nothing_scores_chance(size, top):
    found = [retrieval(np.random.default_rng(seed).random((40, 40)), [size], top).mean() for seed in range(50)]
    assert np.mean(found) == pytest.approx(chance(size, top), abs=0.01)


def test_neighbours_of_the_same_film_are_in_no_pool():
    films, clips = np.array([0] * 8 + [1] * 4), np.array([*range(8), *range(4)])
    left_out = neighbours(films, clips, within=2)
    assert left_out[3].nonzero()[0].tolist() == [1, 2, 4, 5] and not left_out[0, 8:].any()
    likeness = np.eye(12)
    likeness[0, 1] = 2.0  # only its neighbour is more like it
    assert retrieval(likeness, [12])[0, 0] == 0 and retrieval(likeness, [9], left_out=left_out)[0, 0] == 1
    assert np.isnan(retrieval(likeness, [12], left_out=left_out)[0]).all()

"""Surrogates have the values and the smoothness of their map, and p tells chance from agreement."""

import numpy as np
import pytest

from neuroclips.maps.agreement import agreements
from neuroclips.maps.surrogates import LENGTHS, p_of, smooth_parts, surrogates

N, LENGTH = 400, 12.0


@pytest.fixture(scope="module")
def places():
    return np.random.default_rng(0).uniform(0, 60, (N, 3)) * [1, 1, 0.1]


@pytest.fixture(scope="module")
def smooth(places):
    """Twenty maps (20, N) of the same smoothness that have nothing to do with each other."""
    apart = np.linalg.norm(places[:, None] - places, axis=-1)
    root = np.linalg.cholesky(np.exp(-(apart**2) / (2 * LENGTH**2)) + 0.05 * np.eye(N))
    return np.random.default_rng(1).standard_normal((20, N)) @ root.T


def test_smoothness_is_found_again(places, smooth):
    parts = np.mean([smooth_parts(x, places) for x in smooth], 0)
    assert parts.sum() > 0.7 and LENGTHS[parts.argmax()] == LENGTH
    noise = np.random.default_rng(2).standard_normal(N)
    assert smooth_parts(noise, places).sum() < 0.3


def test_values_are_dealt_out_anew_within_each_subject(places, smooth):
    subject = np.arange(N) % 2
    dealt = surrogates(smooth[0], places, subject, n=5)
    for who in (0, 1):
        assert np.allclose(np.sort(dealt[:, subject == who]), np.sort(smooth[0][subject == who]))
    assert np.abs(np.corrcoef(dealt)[np.triu_indices(5, 1)]).max() < 0.95
    assert np.array_equal(dealt, surrogates(smooth[0], places, subject, n=5))


def test_maps_that_only_are_smooth_do_not_agree_with_the_truth(places, smooth):
    """Correlations as large as these would be significant for independent voxels in most cases."""
    found = agreements({str(i): x for i, x in enumerate(smooth[1:])}, smooth[0], places, n=200)
    below = np.mean([a.p < 0.05 for a in found.values()])
    naive = np.mean([abs(a.rho) > 1.96 / N**0.5 for a in found.values()])
    assert below <= 0.25 and naive >= 0.5
    own = agreements({"same": smooth[0] + 0.5 * smooth[1]}, smooth[0], places, n=200)["same"]
    assert own.p == pytest.approx(1 / 201) and own.rho > own.chance


def test_p_counts_what_was_found():
    assert p_of(2.0, np.zeros(99)) == 0.01
    assert p_of(-2.0, np.array([-3.0, 1, 3])) == 0.75
    assert p_of(-2.0, np.array([-3.0, 1, 3]), two_sided=False) == 0.75

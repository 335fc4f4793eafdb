"""What the layers are made by, on cases whose answer is known."""

import numpy as np
import pytest

from neuroclips.brain.scales import scaled
from neuroclips.errors import InputError
from neuroclips.maps.encoding import LAGS, encoding_r2, lagged
from neuroclips.maps.importance import agreement, importance
from neuroclips.maps.layers import LAYERS, all_keys, checked, key_of
from neuroclips.maps.patterns import haufe_pattern, pattern_size


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_min_max_is_ruled_by_an_outlier_and_robust_is_not():
    values = np.r_[np.linspace(0, 1, 1000), 100.0]
    plain, ends = scaled(values, "min-max")
    robust, _ = scaled(values, "robust")
    assert ends == (0, 100) and np.median(plain) < 0.01 and plain.max() == 1
    assert abs(np.median(robust) - 0.5) < 0.01 and robust.max() == 1 and robust.min() == 0


def test_a_signed_map_has_zero_in_the_middle_and_voxels_without_a_value_stay_so():
    found, ends = scaled(np.array([-1.0, 0.0, 4.0, np.nan]), "min-max", signed=True)
    assert ends == (-4, 4) and np.allclose(found[:3], [0.375, 0.5, 1]) and np.isnan(found[3])
    with pytest.raises(InputError, match="expected one of: min-max, robust"):
        scaled(np.ones(3), "log")


def test_a_voxel_that_only_cancels_noise_has_a_weight_and_no_pattern(rng):
    """The example of Haufe et al. (2014), figure 1: the second channel has the noise alone."""
    signal, noise = rng.standard_normal((2, 20_000))
    samples, weights = np.stack([signal + noise, noise], 1), np.array([[1.0, -1.0]])
    pattern = haufe_pattern(samples, weights)
    assert abs(weights[0, 1]) == 1 and np.allclose(pattern[:, 0], [1, 0], atol=0.03)


def test_patterns_are_those_of_the_formula(rng):
    samples, weights = rng.standard_normal((300, 7)) @ rng.standard_normal((7, 7)), rng.standard_normal((3, 7))
    weights /= (samples @ weights.T).std(0)[:, None]  # outputs of unit variance, as the layer has them
    outputs = samples @ weights.T
    expected = np.cov(samples.T) @ weights.T @ np.linalg.inv(np.cov(outputs.T))
    expected *= np.cov(outputs.T)[0, 0] / np.var(outputs[:, 0]) * (299 / 300)
    assert np.allclose(haufe_pattern(samples, weights), expected, rtol=1e-6)
    assert np.allclose(pattern_size(samples, weights), np.abs(expected).mean(1))


def test_features_of_neighbours_stay_in_their_film():
    features = np.arange(1.0, 11)[:, None]  # two films of five clips
    design = lagged(features, 5)
    assert design.shape == (10, len(LAGS))
    assert design[0].tolist() == [0, 0, 1, 2] and design[4].tolist() == [3, 4, 5, 0]
    assert design[5].tolist() == [0, 0, 6, 7] and design[2].tolist() == [1, 2, 3, 4]


def test_encoding_finds_how_much_of_a_voxel_the_film_explains(rng):
    features = rng.standard_normal((700, 12))
    share = np.array([0.0, 0.3, 0.8])  # of the variance
    signal = features @ rng.standard_normal((12, 3))
    signal /= signal.std(0)
    voxels = signal * np.sqrt(share) + rng.standard_normal((700, 3)) * np.sqrt(1 - share)
    found = encoding_r2(features[:500], voxels[:500], np.arange(500) // 125, features[500:], voxels[500:])
    assert np.allclose(found, share, atol=0.08)


def test_only_what_the_decoder_reads_is_important(rng):
    voxels, read = rng.standard_normal((60, 9)), rng.standard_normal((3, 5))
    parcel = np.repeat(["L_V1", "R_V1", "L_FFC"], 3)
    found = importance(lambda x: x[:, :3] @ read, voxels, voxels[:, :3] @ read, parcel, n_draws=2)
    assert np.allclose(found[:3], found[0]) and found[0] > 200 and np.allclose(found[3:], 0)
    assert 1000 / 3 * (1 - 0.4) < found[0] < 1000 / 3 * 1.4  # agreement falls from one to about none, over three voxels
    assert agreement(voxels, voxels) == pytest.approx(1)


def test_layers_are_known_by_name_and_model():
    assert key_of("weights", "semantic") == "weights/semantic" and key_of("reliability") == "reliability"
    assert key_of("reliability", "semantic") == "reliability"  # no model has a part in it
    assert len(all_keys()) == sum(max(1, len(layer.models)) for layer in LAYERS.values())
    with pytest.raises(InputError, match="such as: haufe"):
        checked("hauffe")
    with pytest.raises(InputError, match="expected one of: perception, semantic"):
        checked("weights")
    with pytest.raises(InputError, match="got model 'prior'"):
        checked("weights", "prior")

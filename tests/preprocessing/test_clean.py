"""The paper's preprocessing on arrays: delay, detrending, z-scores and the choice of voxels."""

import numpy as np
import pytest
from scipy import stats

from neuroclips.preprocessing import clean as preprocess
from neuroclips.preprocessing.clean import PreprocessConfig


def test_detrend_removes_a_polynomial_and_nothing_else():
    rng = np.random.default_rng(0)
    time = np.linspace(0, 1, 240)
    noise = rng.standard_normal((240, 3))
    drift = np.polyval([3, -2, 5, 1, 7], time)[:, None]
    fitted = np.stack([np.polyval(np.polyfit(time, n, 4), time) for n in noise.T], 1)
    assert np.allclose(preprocess.detrend(noise + drift), noise - fitted, atol=1e-8)


def test_shift_takes_the_trailing_volumes():
    run = np.arange(242)[:, None]
    assert preprocess.shift(run, 240, 2)[[0, -1], 0].tolist() == [2, 241]
    with pytest.raises(ValueError, match="expected at least 240"):
        preprocess.shift(run[:241], 240, 2)


def test_clean_gives_z_scores_of_every_sample_and_zero_for_constant_voxels():
    rng = np.random.default_rng(1)
    run = 10_000 + 100 * rng.standard_normal((244, 5)).astype(np.float32)
    run[:, 3] = 10_000
    samples = preprocess.clean(run, 2)
    assert samples.shape == (240, 5) and (samples[:, 3] == 0).all()
    others = np.delete(samples, 3, axis=1)
    assert np.allclose(others.mean(0), 0, atol=1e-5) and np.allclose(others.std(0, ddof=1), 1, atol=1e-5)
    assert np.corrcoef(samples[:, 0], run[2:242, 0])[0, 1] > 0.95  # sample k is volume k + 2
    assert np.corrcoef(preprocess.clean(run, 0)[:, 0], run[:240, 0])[0, 1] > 0.95


@pytest.mark.parametrize(("delay", "volumes"), [(0, 0), (4.0, 2), (8, 4)])
def test_delays_are_whole_volumes(delay, volumes):
    assert PreprocessConfig(delay=delay).delay_volumes == volumes


@pytest.mark.parametrize("delay", [3.0, 10.0, -2.0])
def test_other_delays_are_refused(delay):
    with pytest.raises(ValueError, match="expected 0, 2, 4, 6 or 8"):
        _ = PreprocessConfig(delay=delay).delay_volumes


@pytest.mark.parametrize("alpha", [0.0, -1.0, 2.0, float("nan")])
def test_alphas_that_are_no_levels_are_refused(alpha):
    with pytest.raises(ValueError, match="above 0 and up to 1"):
        PreprocessConfig(alpha=alpha)


@pytest.fixture(scope="module")
def correlations():
    """18 films of 40 voxels, of which the first 20 see something."""
    rng, found = np.random.default_rng(1), []
    for _ in range(18):
        signal = rng.standard_normal((240, 40)) * (np.arange(40) < 20)
        runs = [preprocess.zscore(signal + 1.5 * rng.standard_normal((240, 40))) for _ in range(2)]
        found.append(preprocess.repeat_correlation(*runs))
    return np.stack(found)


def test_repeat_correlation_is_pearsons():
    rng = np.random.default_rng(2)
    a, b = preprocess.zscore(rng.standard_normal((240, 6))), preprocess.zscore(rng.standard_normal((240, 6)))
    assert np.allclose(
        preprocess.repeat_correlation(a, b), [stats.pearsonr(x, y)[0] for x, y in zip(a.T, b.T, strict=True)]
    )


def test_selection_keeps_repeatable_voxels_and_no_others(correlations):
    chosen = preprocess.select_voxels(correlations)
    assert chosen.kept.tolist() == list(range(20))
    expected = stats.ttest_1samp(np.arctanh(correlations), 0, axis=0)
    assert np.allclose(chosen.t, expected.statistic, rtol=1e-4) and np.allclose(chosen.p, expected.pvalue, rtol=1e-4)


def test_one_sided_halves_the_p_of_what_correlates(correlations):
    two, one = preprocess.select_voxels(correlations), preprocess.select_voxels(correlations, one_sided=True)
    assert np.allclose(one.p[:20], two.p[:20] / 2) and set(two.kept) <= set(one.kept)


def test_alpha_one_keeps_everything_and_few_films_say_what_to_do(correlations):
    assert len(preprocess.select_voxels(correlations[:1], alpha=1).kept) == 40
    with pytest.raises(ValueError, match="--alpha 1"):
        preprocess.select_voxels(correlations[:1])


def test_what_never_repeats_alike_is_not_kept_by_a_two_sided_test(correlations):
    flipped = correlations.copy()
    flipped[:, 0] *= -1
    assert 0 not in preprocess.select_voxels(flipped).kept


@pytest.mark.parametrize("value", [12_345.678, -1e-3, 0.0, 3e30, 1e-40])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_constant_voxel_is_zero_and_not_noise_of_its_rounding(value, dtype):
    run = np.random.default_rng(3).standard_normal((244, 3)).astype(dtype)
    run[:, 1] = value
    assert preprocess.constant(run).tolist() == [False, True, False]
    for samples in (preprocess.standardised(run), preprocess.clean(run, 2), preprocess.zscore(run)):
        assert (samples[:, 1] == 0).all() and np.allclose(samples[:, [0, 2]].std(0, ddof=1), 1, atol=1e-5)


def test_what_varies_by_the_last_digit_of_float32_or_drifts_alone_is_constant():
    last = np.float32(12_345.678) + np.spacing(np.float32(12_345.678)) * np.random.default_rng(4).integers(0, 2, 244)
    drift = 10_000 + 5 * np.linspace(-1, 1, 244) ** 3
    assert not preprocess.standardised(np.stack([last, drift], 1)).any()


def test_small_numbers_and_small_changes_are_kept():
    noise = np.random.default_rng(5).standard_normal((244, 3))
    run = np.stack([1e-12 * noise[:, 0], 1e4 + 0.1 * noise[:, 1], 1e-30 * noise[:, 2]], 1)
    assert not preprocess.constant(run).any()
    assert np.allclose(preprocess.standardised(run).std(0, ddof=1), 1)

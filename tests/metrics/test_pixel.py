"""SSIM and PSNR against closed forms, a direct formula and scikit-image."""

import math
import warnings

import numpy as np
import pytest
import skimage.metrics
import torch

from neuroclips.metrics.pixel import flat_frames, pixel_correlation, psnr, ssim


@pytest.fixture
def pair(generator):
    """Two films (4, 3, 24, 20) that are alike, but not too much."""
    truth = torch.rand(4, 3, 24, 20, generator=generator)
    return (0.7 * truth + 0.3 * torch.rand(truth.shape, generator=generator)), truth


def direct_ssim(a, b):
    """Wang et al. (2004), equation 13, in every whole window of 7 x 7 pixels of one channel (H, W)."""
    windows = [np.lib.stride_tricks.sliding_window_view(x, (7, 7)).reshape(-1, 49) for x in (a, b)]
    (mean_a, mean_b), c1, c2 = [w.mean(1) for w in windows], 0.01**2, 0.03**2
    var_a, var_b = (w.var(1, ddof=1) for w in windows)
    cov = ((windows[0] - mean_a[:, None]) * (windows[1] - mean_b[:, None])).sum(1) / 48
    likeness = (2 * mean_a * mean_b + c1) * (2 * cov + c2)
    return (likeness / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))).mean()


def test_ssim_is_the_mean_over_windows_channels_and_frames(pair):
    video, truth = (x.double().numpy() for x in pair)
    expected = np.mean([[direct_ssim(video[f, c], truth[f, c]) for c in range(3)] for f in range(4)])
    assert ssim(*pair) == pytest.approx(expected, abs=1e-5)
    assert 0.5 < expected < 0.95  # neither the same nor unrelated


def test_ssim_is_that_of_scikit_image_with_its_arguments_spelt_out(pair):
    video, truth = (x.permute(0, 2, 3, 1).numpy() for x in pair)
    spelt = {"win_size": 7, "gaussian_weights": False, "use_sample_covariance": True, "K1": 0.01, "K2": 0.03}
    each = [
        skimage.metrics.structural_similarity(a, b, channel_axis=2, data_range=1.0, **spelt)
        for a, b in zip(video, truth, strict=True)
    ]
    assert ssim(*pair) == pytest.approx(np.mean(each), abs=1e-6)


def test_ssim_of_flat_pictures_is_a_closed_form():
    """Without any variance the term of the means is all that is left."""
    a, b = torch.full((2, 3, 8, 8), 0.2), torch.full((2, 3, 8, 8), 0.6)
    assert ssim(a, b) == pytest.approx((2 * 0.2 * 0.6 + 1e-4) / (0.2**2 + 0.6**2 + 1e-4), abs=1e-5)


@pytest.mark.parametrize(("shift", "decibels"), [(0.1, 20.0), (0.01, 40.0), (0.5, 20 * math.log10(2))])
def test_psnr_of_a_shift_is_a_closed_form(shift, decibels):
    truth = torch.full((2, 3, 8, 8), 0.3)
    assert psnr(truth + shift, truth) == pytest.approx(decibels, abs=1e-4)


def test_psnr_is_the_mean_over_frames_of_decibels(pair):
    """Not the decibels of the mean error, which one bad frame rules."""
    truth = torch.zeros(2, 3, 8, 8)
    video = truth + torch.tensor([0.1, 0.001]).view(2, 1, 1, 1)
    assert psnr(video, truth) == pytest.approx((20 + 60) / 2, abs=1e-4)
    each = [
        skimage.metrics.peak_signal_noise_ratio(b.numpy(), a.numpy(), data_range=1.0)
        for a, b in zip(*pair, strict=True)
    ]
    assert psnr(*pair) == pytest.approx(np.mean(each), abs=1e-4)


def test_equal_frames_have_infinite_psnr_and_warn_nobody(pair):
    video, truth = pair[0].clone(), pair[1]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert psnr(truth, truth) == math.inf and ssim(truth, truth) == pytest.approx(1.0)
        video[2] = truth[2]
        assert psnr(video, truth) == math.inf


@pytest.mark.parametrize("score", [ssim, psnr])
def test_frames_of_another_number_or_size_are_refused(score, pair):
    for other in (pair[0][:1], pair[0][..., :8]):
        with pytest.raises(ValueError, match=r"expected \(4, 3, 24, 20\)"):
            score(other, pair[1])


def test_pixel_correlation_is_that_of_numpy_and_leaves_flat_frames_out(pair):
    video, truth = pair[0].clone(), pair[1]
    video[3] = 0.5
    each = [np.corrcoef(video[f].flatten().numpy(), truth[f].flatten().numpy())[0, 1] for f in range(3)]
    assert pixel_correlation(video, truth) == pytest.approx(np.mean(each), abs=1e-5)


def test_flat_frames_keep_only_the_mean_colour(generator):
    frames = torch.rand(3, 3, 8, 8, generator=generator)
    flat = flat_frames(frames)
    assert torch.allclose(flat.mean((0, 2, 3)), frames.mean((0, 2, 3))) and flat.var((0, 2, 3)).max() < 1e-12

"""SSIM by OpenCV's filters is that of scikit-image, with every argument spelt out, for every kind of window."""

import numpy as np
import pytest
import skimage.metrics
from skimage.color import rgb2gray

from neuroclips.metrics.structure import WINDOWS, moments, similarity, ssim_of_films

GAUSSIAN = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 1.0}


@pytest.fixture(scope="module")
def pair(data):
    """True frames of two clips, bytes (2, 3, 128, 128): alike here and there."""
    one, other = (np.round(255 * data.stimulus(clip, 6)[3].numpy()).astype(np.uint8) for clip in (30, 40))
    return np.stack([one, (0.8 * one + 0.2 * other).astype(np.uint8)]), np.stack([one[:, ::-1], other])


def by_skimage(a, b, kind):
    """Of bytes (3, H, W)."""
    a, b = (x.transpose(1, 2, 0) / 255 for x in (a, b))
    if kind == "colour":
        spelt = {"win_size": 7, "gaussian_weights": False, "use_sample_covariance": True, "data_range": 1.0}
        return skimage.metrics.structural_similarity(a, b, channel_axis=-1, **spelt)
    columns = {"channel_axis": -1} if kind == "columns" else {}
    return skimage.metrics.structural_similarity(rgb2gray(a), rgb2gray(b), **GAUSSIAN, **columns)


@pytest.mark.parametrize("kind", WINDOWS)
def test_it_is_that_of_scikit_image(kind, pair):
    films, truths = pair
    expected = np.mean([by_skimage(a, b, kind) for a, b in zip(films, truths, strict=True)])
    assert ssim_of_films(films[None], truths[None], kind).item() == pytest.approx(expected, abs=1e-5)
    assert 0.05 < expected < 0.95
    halves = [x[:, :, :, 10:70] / np.float32(255) for x in pair]  # floats, and not square
    expected = np.mean([by_skimage(255 * a, 255 * b, kind) for a, b in zip(*halves, strict=True)])
    assert ssim_of_films(halves[0][None], halves[1][None], kind).item() == pytest.approx(expected, abs=1e-5)


def test_columns_are_not_a_picture(pair):
    """What becomes of a gray picture whose columns are taken for colours: another number, and a higher one here."""
    films, truths = pair
    gray, columns = (ssim_of_films(films[None], truths[None], kind).item() for kind in ("gray", "columns"))
    assert columns > gray + 0.02


@pytest.mark.parametrize("kind", WINDOWS)
def test_moments_of_a_frame_serve_every_pair(kind, pair):
    films, truths = pair
    one, other = moments(films, kind), moments(truths, kind)
    for row in range(2):
        for column in range(2):
            alone = ssim_of_films(films[None, [row]], truths[None, [column]], kind).item()
            assert similarity(one[row], other[column], kind) == pytest.approx(alone, abs=1e-7)


def test_frames_smaller_than_a_window_are_refused():
    with pytest.raises(ValueError, match="got frames of 20 x 6 pixels, expected at least 7 x 7"):
        moments(np.zeros((1, 3, 6, 20), np.uint8), "colour")
    with pytest.raises(ValueError, match="expected at least 1 x 11"):
        moments(np.zeros((1, 3, 6, 20), np.uint8), "columns")

"""Reliability of voxels whose noise is known, and means over showings."""

import numpy as np
import pytest
import torch

from neuroclips.errors import MissingError
from neuroclips.evaluation import repeats
from neuroclips.evaluation.reliability import reliability

RANDOM = np.random.default_rng(0)


@pytest.fixture(scope="module")
def showings():
    """(480, 10, 40): voxels 0 to 19 have a signal as strong as the noise of one showing, the others none."""
    signal = RANDOM.normal(size=(480, 1, 40)) * (np.arange(40) < 20)
    return (signal + RANDOM.normal(size=(480, 10, 40))).astype(np.float32)


def test_reliability_is_that_of_the_signal(showings):
    """Of ten showings with noise of variance 1 the mean has signal 1 and noise 1/10: 10/11."""
    found = reliability(showings, 240)
    assert found.whole[:20].mean() == pytest.approx(10 / 11, abs=0.02)
    assert found.half[:20].mean() == pytest.approx(5 / 6, abs=0.03)
    assert abs(found.whole[20:].mean()) < 0.1 and abs(found.null.mean()) < 0.03
    told = found.summary()
    assert 0.5 <= told["reliable share"] <= 0.6 and told["n_voxels"] == 40 and 0 < told["threshold"] < 0.2


def test_showings_that_are_missing_are_left_out(showings):
    fewer = showings.copy()
    fewer[240:, 9] = np.nan
    assert reliability(fewer, 240).whole[:20].mean() == pytest.approx(10 / 11, abs=0.03)


def test_the_mean_of_more_showings_has_less_noise(showings):
    clips = np.arange(0, 480, 2)
    spread = [repeats.mean_of(showings, clips, n)[:, 20:].std().item() for n in repeats.COUNTS]
    assert spread == pytest.approx([n**-0.5 for n in repeats.COUNTS], rel=0.05)
    assert np.allclose(repeats.mean_of(showings, clips, 10), showings[clips].mean(1), atol=1e-6)
    one = repeats.mean_of(showings, clips, 1).numpy()
    assert all((showings[clip] == row).all(1).any() for clip, row in zip(clips, one, strict=True))


def test_without_showings_the_command_that_makes_them_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path))
    with pytest.raises(MissingError, match="only their mean ships: run python -m neuroclips simulate --subjects 2"):
        repeats.measure(2)


def test_the_shipped_means_are_decoded_as_everywhere(data):
    """The steps that repeats are scored by, on a few shipped clips: better than on samples of other clips."""
    clips = np.arange(10, 300, 50)
    voxels = torch.stack([data.sample(1, int(clip)).voxels for clip in clips])
    for scores in (repeats._painted(1, clips), repeats._named(1, clips)):
        assert scores(voxels).mean() > scores(voxels.roll(3, 0)).mean() + 0.1

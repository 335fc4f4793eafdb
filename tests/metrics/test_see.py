"""Films are looked at once: which moments, at what size, by whom; scores follow from that alone."""

from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from neuroclips.metrics.protocols import PROTOCOLS
from neuroclips.metrics.report import evaluate
from neuroclips.metrics.score import score, served
from neuroclips.metrics.scores import ABOUT
from neuroclips.metrics.see import moments_of, see

PAPER = PROTOCOLS["paper"]


@pytest.fixture(scope="module")
def films(data):
    """Two true films of six frames and two of sixteen that stand for decoded ones, bytes of 128 x 128."""
    true = [(255 * data.stimulus(clip, 6)).round().byte() for clip in (30, 31)]
    return true, [(255 * data.stimulus(clip, 16)).round().byte() for clip in (31, 40)]


def test_live_scores_are_those_of_the_protocol_paper(films, judges):
    true, decoded = films
    found = score(see(decoded, PAPER, judges), see(true, PAPER, judges, true=True), PAPER)
    for row, (video, truth) in enumerate(zip(decoded, true, strict=True)):
        live = asdict(evaluate(video / 255, truth / 255, judges))
        for name in ABOUT:
            assert found[name][row] == pytest.approx(live[name], abs=0.03 if "way" in name else 1e-3), name


def test_every_metric_that_its_judge_can_do_is_served(films, judges):
    seen = see(films[0], PAPER, judges)
    assert set(PAPER.metrics) - set(served(seen, PAPER)) == {"frame_50_way"}  # 41 classes of the demo judge
    known = replace(seen, frame_logits=np.zeros((2, 6, 1000), np.float32))
    assert set(PAPER.metrics) - set(served(known, PAPER)) == {"frame_41_way"}
    three = PROTOCOLS["mind-video"]
    assert "frame_39_way" in served(seen, three) and "frame_50_way" not in served(seen, three)
    assert served(see(films[0], PAPER), PAPER) == [
        "ssim",
        "psnr",
        "pixel_correlation",
        "end_point_error",
        "motion_energy",
    ]


def test_bytes_stay_bytes_and_are_brought_to_the_size_of_the_protocol(films):
    true, _ = films
    assert np.array_equal(see(true, PAPER).frames, torch.stack(true).numpy())
    at_256 = replace(PROTOCOLS["mind-video"], metrics=("ssim",))
    seen = see(true, at_256).frames
    assert seen.shape == (2, 6, 3, 256, 256) and seen.dtype == np.uint8
    halves = [torch.nn.functional.avg_pool2d(film / 255, 2) for film in true]
    only = replace(PAPER, metrics=("ssim",))
    assert see(halves, only, size=(128, 128)).frames.shape == (2, 6, 3, 128, 128)
    assert see(halves, only).frames.dtype == np.float32


def test_neurons_looks_at_later_frames_of_films_of_sixteen_alone():
    neurons = PROTOCOLS["neurons"]
    assert moments_of(16, neurons) == [4, 6, 8, 10, 12, 14]
    assert moments_of(16, neurons, true=True) == moments_of(16, PAPER) == [0, 3, 5, 8, 11, 13]
    assert moments_of(6, neurons) == [0, 1, 2, 3, 4, 5]
    assert moments_of(16, PROTOCOLS["mindeye"]) == [8] and moments_of(6, PROTOCOLS["mindeye"]) == [3]


def test_rows_of_features_are_films(films, judges):
    seen = see(films[0], PAPER, judges)
    swapped = score(seen[[1, 0]], seen, PAPER)
    alone = score(seen[[1]], seen[[0]], PAPER)
    for name, values in alone.items():
        assert values.shape == (1,) and swapped[name][0] == pytest.approx(values[0], abs=1e-6)


@pytest.mark.parametrize(
    ("videos", "complaint"),
    [
        ([], "got no films"),
        ([torch.zeros(6, 64, 64)], "expected \\(n_frames, 3, height, width\\)"),
        ([torch.zeros(6, 3, 64, 64), torch.zeros(6, 3, 32, 32)], "give the size of the truth"),
    ],
)
def test_films_that_are_none_are_refused(videos, complaint):
    with pytest.raises(ValueError, match=complaint):
        see(videos, replace(PAPER, metrics=("ssim",)))


def test_as_many_truths_as_films_are_asked_for(films):
    seen = see(films[0], replace(PAPER, metrics=("ssim",)))
    with pytest.raises(ValueError, match="got 1 films and 2 truths"):
        score(seen[[0]], seen, replace(PAPER, metrics=("ssim",)))

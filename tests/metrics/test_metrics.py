"""Scores: best for the truth, chance for noise, exact where others draw lots."""

import numpy as np
import pytest
import torch

from neuroclips.metrics.pixel import flat_frames, psnr, ssim
from neuroclips.metrics.report import at_3_fps, evaluate, floor
from neuroclips.metrics.semantic import n_way_accuracy, retrieval_top1
from neuroclips.metrics.temporal import clip_pcc


def test_identical_frames_score_best(generator):
    frames = torch.rand(3, 3, 32, 32, generator=generator)
    assert ssim(frames, frames) == pytest.approx(1.0) and ssim(1 - frames, frames) < 0.1
    assert psnr((frames + 0.1).clamp(0, 1), frames) < 21 < psnr((frames + 0.01).clamp(0, 1), frames)


def test_flat_frames_keep_only_the_mean_colour(generator):
    frames = torch.rand(3, 3, 8, 8, generator=generator)
    flat = flat_frames(frames)
    assert torch.allclose(flat.mean((0, 2, 3)), frames.mean((0, 2, 3))) and flat.var((0, 2, 3)).max() < 1e-12


@pytest.mark.parametrize("n", [2, 5])
def test_n_way_is_what_many_draws_estimate(n, generator):
    logits, truth = torch.randn(1, 12, generator=generator), torch.randn(1, 12, generator=generator)
    rng, true = np.random.default_rng(0), int(truth.argmax())
    others = [c for c in range(12) if c != true]
    wins = [bool((logits[0, true] > logits[0, rng.choice(others, n - 1, False)]).all()) for _ in range(20_000)]
    assert n_way_accuracy(logits, truth, n).item() == pytest.approx(np.mean(wins), abs=0.015)


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


def test_clip_pcc_of_a_still_picture_is_one():
    assert clip_pcc(torch.ones(6, 4)) == pytest.approx(1.0)


def test_truth_beats_the_floor_under_every_judge(data, judges):
    truth = data.stimulus(30, 16)
    best, least = evaluate(truth, truth, judges), floor(truth, judges)
    assert at_3_fps(truth).shape[0] == 6
    assert best["ssim"] == pytest.approx(1.0) and best["frame 2-way"] == best["video 2-way"] == 1.0
    assert least["ssim"] < 0.9 and np.isfinite(list(least.values())).all()


def test_judges_know_the_test_films(data, judges):
    """A judge that cannot tell classes on true frames would make 2-way scores empty."""
    from neuroclips.simulation import shots
    from neuroclips.simulation.vocabulary import CLASS_NAMES

    clips = [c for c in range(0, 120, 2) if not shots.has_cut("test", 0, c)]
    frames = torch.stack([data.stimulus(c, 6)[3] for c in clips])
    names = [shots.shot_at("test", 0, 2.0 * c + 1).name for c in clips]
    with torch.no_grad():
        found = judges.frame(frames).argmax(1)
    right = np.mean([CLASS_NAMES[int(f)] == n for f, n in zip(found, names, strict=True)])
    assert right > 0.6  # chance is 1 / 41

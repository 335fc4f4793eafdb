"""Retrieval curves of tokens whose answer is known, and of a shipped subject beside its control."""

import numpy as np
import pytest
import torch

from neuroclips.evaluation import repeats, retrieval
from neuroclips.evaluation.tokens import Tokens, tokens_of
from neuroclips.metrics.retrieval import retrieval_top1
from neuroclips.zoo import zoo_named


def tokens(n=120, length=60):
    films = np.arange(n) // length
    return Tokens(np.zeros((n, 4)), np.zeros((n, 4)), films, np.arange(n) // 30)


def test_what_is_known_exactly_is_always_found_and_noise_at_chance():
    known = retrieval.curve(np.eye(120), tokens())
    assert known["pools"][-1] == 120 and known["top1"] == pytest.approx(np.ones(len(known["pools"])))
    noise = retrieval.curve(np.random.default_rng(0).normal(size=(120, 120)), tokens())
    for value, (low, high), expected in zip(noise["top1"], noise["ci"], noise["chance"], strict=True):
        assert low <= value <= high and value == pytest.approx(expected, abs=0.05)
    assert noise["top5"][3] == pytest.approx(noise["top5 chance"][3], abs=0.05) == pytest.approx(0.5, abs=0.05)


def test_clips_of_the_same_shot_compete_until_neighbours_are_left_out():
    """Each clip is as like the next one as itself: only without neighbours is its own the best."""
    place = np.arange(120)
    alike = np.exp(-np.abs(place[:, None] - place) / 50.0)
    alike[place[:-1], place[1:]] = 2
    found = retrieval.curve(alike, tokens())
    there = [at for at in found["without neighbours"] if at is not None]
    assert found["top1"][-1] < 0.05 < 0.95 < there[-1] and found["largest without neighbours"] == 110
    assert len(there) == sum(size <= 110 for size in found["pools"]) < len(found["pools"])
    assert [at is None for at in found["without neighbours ci"]] == [at is None for at in found["without neighbours"]]


def test_a_shipped_subject_is_far_above_its_control(data):
    found, known = retrieval.measure(3), tokens_of(zoo_named(), data, 3)
    top1 = retrieval_top1(torch.from_numpy(known.predicted), torch.from_numpy(known.true))
    assert found["keyframe"]["top1"][-1] == pytest.approx(top1)
    assert found["keyframe"]["ci"][-1][0] > 0.1 and found["fmri"]["top1"][-1] > 0.1
    assert found["swapped"]["top1"][-1] < 0.02 and found["swapped"]["top1"][0] == pytest.approx(0.5, abs=0.06)
    voxels = torch.stack([data.sample(3, clip).voxels for clip in range(300)])
    assert repeats._retrieved(3)(voxels).mean() == pytest.approx(found["keyframe"]["top1"][-1])
    falling = found["keyframe"]["top1"]
    alone = found["keyframe"]["without neighbours"]
    assert falling == sorted(falling, reverse=True) and alone[-1] is None and alone[-2] > falling[-2]

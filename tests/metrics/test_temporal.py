"""CLIP-pcc is the mean cosine of neighbours in time."""

import math

import pytest
import torch

from neuroclips.metrics.temporal import clip_pcc


def test_clip_pcc_of_a_still_picture_is_one():
    assert clip_pcc(torch.ones(6, 4)) == pytest.approx(1.0)


def test_clip_pcc_is_the_mean_cosine_of_known_angles():
    """Steps of 0, 60 and 90 degrees between vectors of different lengths: cosines 1, 1/2 and 0."""
    angles = torch.tensor([0.0, 0.0, math.pi / 3, math.pi / 3 + math.pi / 2])
    vectors = torch.stack([angles.cos(), angles.sin()], 1) * torch.tensor([[1.0], [2.0], [0.5], [7.0]])
    assert clip_pcc(vectors) == pytest.approx((1 + 0.5 + 0) / 3, abs=1e-6)


def test_clip_pcc_compares_neighbours_alone():
    """There and back: the first and the third are the same, yet no neighbours are alike."""
    there_and_back = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    assert clip_pcc(there_and_back) == pytest.approx(0.0, abs=1e-6)
    assert clip_pcc(torch.tensor([[1.0, 0.0], [-1.0, 0.0]])) == pytest.approx(-1.0)

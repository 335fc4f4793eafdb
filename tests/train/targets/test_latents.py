"""Losses that look at the object."""

import torch

from neuroclips.train.targets.latents import object_weights


def test_object_weights_count_the_box_three_times():
    boxes = torch.tensor([[0.0, 0.0, 0.5, 1.0], [0.25, 0.5, 0.75, 1.0]])
    weights = object_weights(boxes, 4)
    assert torch.allclose(weights.mean((-2, -1)), torch.ones(2))
    assert torch.allclose(weights[0], torch.tensor([1.5, 1.5, 0.5, 0.5]).expand(4, 4))
    assert torch.allclose(weights[1] / weights[1].min(), torch.tensor([[1.0] * 4] * 2 + [[1.0, 3, 3, 1]] * 2))
    assert torch.equal(object_weights(boxes.view(1, 2, 4), 4)[0], weights)

"""What the encoders are shown."""

import torch

from neuroclips.train.targets import targets


def test_halved_contrast_is_the_second_half_of_the_range():
    """(x + 1) / 2 of pixels in [0, 1], as the released training code does; otherwise the pixels themselves."""
    pixels = torch.tensor([0.0, 0.25, 0.5, 1.0])
    assert targets._shown(pixels, halve_contrast=True).tolist() == [0.5, 0.625, 0.75, 1.0]
    assert torch.equal(targets._shown(pixels, halve_contrast=False), pixels)

"""Train a Perception Reconstructor: python -m neuroclips train --stage perception --subject 1."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from neuroclips.config import ZOOS
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.perception import PerceptionConfig
from neuroclips.train import brain_data
from neuroclips.train.loop import Recipe
from neuroclips.train.losses import info_nce

RECIPE = Recipe(steps=500, learning_rate=1e-3, batch_size=40, weight_decay=0.05, ema=0.99)
TEMPERATURE, CONTRAST_WEIGHT = 0.1, 0.05


class PerceptionJob:
    """Equation 1: mean absolute error of the latents plus InfoNCE between true and decoded latents.

    The contrast runs over the clips of a batch, frame by frame: the frames of one clip are nearly alike.
    """

    def __init__(self, out: Path, subject: int):
        zoo, self.out = ZOOS["demo"].folder, out
        config = PerceptionConfig()
        self.features = brain_data.features(subject, "latents", zoo, config.ridge_dim)
        self.model = config.build(self.features.weight.shape[1])
        self.model.ridge.load_state_dict({"weight": self.features.weight, "bias": self.features.bias})
        self.modules = {n: getattr(self.model, n) for n in ("extension", "mlp", "upsampling")}
        self.latents = brain_data.film_latents(zoo)  # (18, 240, 6, 4, h, w)

    def loss(self, generator: torch.Generator, recipe: Recipe) -> Tensor:
        film, tr = brain_data.draw_clips(recipe.batch_size, generator)
        target = self.latents[film, tr].float()
        predicted = self.model.latents(brain_data.draw_low(self.features.low, film, tr, generator))
        frame = int(torch.randint(target.shape[1], (1,), generator=generator))
        contrast = info_nce(predicted[:, frame].flatten(1), target[:, frame].flatten(1), TEMPERATURE)
        return (predicted - target).abs().mean() + CONTRAST_WEIGHT * contrast

    def export(self) -> None:
        weights.save(self.model, self.out, n_voxels=self.features.weight.shape[1])

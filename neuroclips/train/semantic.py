"""Train a Semantics Reconstructor: python -m neuroclips train --stage semantic --subject 1."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from neuroclips.config import ZOOS
from neuroclips.pretrained.clip import OpenClip
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.semantic import SemanticConfig
from neuroclips.train import brain_data
from neuroclips.train.loop import Recipe
from neuroclips.train.losses import bimixco, info_nce, mixco

RECIPE = Recipe(steps=900, learning_rate=5e-4, batch_size=240, weight_decay=0.05, ema=0.99)
TEMPERATURE, TEXT_TEMPERATURE, TEXT_WEIGHT, MSE_WEIGHT = 0.05, 0.1, 0.25, 1.0


class SemanticJob:
    """BiMixCo (equation 8) towards the CLIP tokens of a random frame, plus Reftm (equation 10) towards the caption.

    Tokens are compared after the mean token of the training films is taken away: raw CLIP tokens share a large part.
    """

    def __init__(self, out: Path, subject: int):
        zoo, self.out = ZOOS["demo"].folder, out
        self.clip = OpenClip.from_pretrained(zoo / "clip")
        config = SemanticConfig(self.clip.n_tokens, self.clip.clip_dim)
        self.features = brain_data.features(subject, "tokens", zoo, config.ridge_dim)
        self.model = config.build(self.features.weight.shape[1])
        self.model.ridge.load_state_dict({"weight": self.features.weight, "bias": self.features.bias})
        self.modules = {"mlp": self.model.mlp, "head": self.model.head}
        self.tokens = brain_data.film_tokens(zoo)  # (18, 240, 6, n_tokens, clip_dim)
        train = self.tokens[list(brain_data.TRAIN_FILMS)].float()
        self.centre, self.spread = train.mean((0, 1, 2)), train.std()
        self.model.head.bias.data.copy_(self.centre.flatten())
        self.text = self.clip.text_embeddings(brain_data.film_captions()).unflatten(0, (brain_data.N_FILMS, -1))

    def loss(self, generator: torch.Generator, recipe: Recipe) -> Tensor:
        film, tr = brain_data.draw_clips(recipe.batch_size, generator)
        frame = torch.randint(brain_data.N_FRAMES, film.shape, generator=generator)
        target = self.tokens[film, tr, frame].float()
        low, partner, share = mixco(brain_data.draw_low(self.features.low, film, tr, generator), generator)
        predicted = self.model.tokens(low)
        mixed = share[:, None, None] * target + (1 - share[:, None, None]) * target[partner]
        mse = (predicted - mixed).square().mean() / self.spread**2
        contrast = bimixco(self._flat(predicted), self._flat(target), partner, share, TEMPERATURE)
        reftm = info_nce(self.clip.pool(predicted), self.text[film, tr], TEXT_TEMPERATURE)
        return contrast + MSE_WEIGHT * mse + TEXT_WEIGHT * reftm

    def _flat(self, tokens: Tensor) -> Tensor:
        return (tokens - self.centre).flatten(1)

    def export(self) -> None:
        weights.save(self.model, self.out, n_voxels=self.features.weight.shape[1])

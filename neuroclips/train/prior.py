"""Train a diffusion prior, once its Semantics Reconstructor is trained: --stage prior --subject 1."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from neuroclips.config import ZOOS
from neuroclips.pretrained.clip import OpenClip
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.prior import PriorConfig
from neuroclips.train import brain_data
from neuroclips.train.loop import Recipe
from neuroclips.train.losses import info_nce

RECIPE = Recipe(steps=650, learning_rate=1e-3, batch_size=96, weight_decay=0.05, ema=0.99)
SAME_RIDGE = 0.9  # cosine of each component's weights
TEXT_TEMPERATURE, TEXT_WEIGHT = 0.1, 1 / 30  # delta : mu = 30 : 1 in equation 4


class PriorJob:
    """Equation 9 (mean squared error of the clean tokens) plus Reftm on the predicted clean tokens.

    Brain tokens of training films come from ridge features out of fold, so the prior learns to correct real errors.
    """

    def __init__(self, out: Path, subject: int):
        zoo, self.out = ZOOS["demo"].folder, out
        self.clip = OpenClip.from_pretrained(zoo / "clip")
        semantic = weights.load(out.parent / "semantic")
        features = brain_data.features(subject, "tokens", zoo, semantic.config.ridge_dim)
        if not _same_ridge(features.weight, semantic.ridge.weight):
            raise ValueError(
                f"{out.parent / 'semantic'} was trained on another ridge: train --stage semantic again first"
            )
        low = features.low
        with torch.no_grad():
            self.brain = semantic.tokens(low.flatten(0, 2)).unflatten(0, low.shape[:3]).half()
        self.tokens = brain_data.film_tokens(zoo)
        self.prior = PriorConfig(self.clip.n_tokens, self.clip.clip_dim).build()
        train = self.tokens[list(brain_data.TRAIN_FILMS)].float()
        self.prior.mean.copy_(train.mean((0, 1, 2)))
        self.prior.std.fill_(train.std((0, 1, 2)).mean())
        self.modules = {"prior": self.prior}
        self.text = self.clip.text_embeddings(brain_data.film_captions()).unflatten(0, (brain_data.N_FILMS, -1))

    def loss(self, generator: torch.Generator, recipe: Recipe) -> Tensor:
        film, tr = brain_data.draw_clips(recipe.batch_size, generator)
        frame = torch.randint(brain_data.N_FRAMES, film.shape, generator=generator)
        clean = (self.tokens[film, tr, frame].float() - self.prior.mean) / self.prior.std
        brain = brain_data.draw_low(self.brain, film, tr, generator).float()
        noise = torch.randn(clean.shape, generator=generator)
        t = torch.randint(self.prior.config.n_timesteps, film.shape, generator=generator)
        predicted = self.prior.predict(self.prior.scheduler.add_noise(clean, noise, t), t, brain)
        pooled = self.clip.pool(predicted * self.prior.std + self.prior.mean)
        return (predicted - clean).square().mean() + TEXT_WEIGHT * info_nce(
            pooled, self.text[film, tr], TEXT_TEMPERATURE
        )

    def export(self) -> None:
        weights.save(self.prior, self.out)


def _same_ridge(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and F.cosine_similarity(one, other, dim=1).min().item() >= SAME_RIDGE

"""Diffusion prior: brain tokens to image tokens, as in DALL-E 2 (paper, section 3.2 and equation 9)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from diffusers import DDIMScheduler
from torch import Tensor, nn

from neuroclips.errors import InputError
from neuroclips.noise import Generators, draws_like
from neuroclips.ranges import Checked, Dropout, Width


@dataclass(frozen=True)
class PriorConfig(Checked):
    """Sizes and schedule; the defaults are those of the paper's code, which takes 20 sampling steps."""

    n_tokens: Width = 256
    clip_dim: Width = 1664
    depth: Width = 6
    heads: Width = 32
    n_timesteps: Width = 100
    dropout: Dropout = 0.1

    def __post_init__(self):
        super().__post_init__()
        if self.clip_dim % self.heads:
            raise InputError(f"got {self.heads} heads, expected a number that divides the clip dim {self.clip_dim}")

    def build(self) -> DiffusionPrior:
        return DiffusionPrior(self)


class DiffusionPrior(nn.Module):
    """A transformer over [brain tokens, time, noisy image tokens] that predicts the clean image tokens.

    Cosine schedule and x0 prediction, both as in the paper's code. Tokens are standardised inside: `mean` and `std`
    are those of the training tokens, so that noise of variance 1 has a meaning.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, config: PriorConfig):
        super().__init__()
        self.config = config
        dim = config.clip_dim
        self.scheduler = DDIMScheduler(
            config.n_timesteps,
            beta_schedule="squaredcos_cap_v2",
            prediction_type="sample",
            clip_sample=False,
            timestep_spacing="trailing",
        )
        self.position = nn.Parameter(0.02 * torch.randn(2 * config.n_tokens + 1, dim))
        self.time = nn.Embedding(config.n_timesteps, dim)
        layer = nn.TransformerEncoderLayer(
            dim, config.heads, 4 * dim, config.dropout, "gelu", batch_first=True, norm_first=True
        )
        self.transformer = nn.TransformerEncoder(layer, config.depth, enable_nested_tensor=False)
        self.out = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, dim))
        self.skip = nn.Parameter(torch.ones(dim))  # of the brain tokens: what the ridge found need not be learned again
        self.register_buffer("mean", torch.zeros(config.n_tokens, dim))
        self.register_buffer("std", torch.ones(config.n_tokens, dim))

    def predict(self, noisy: Tensor, t: Tensor, brain_tokens: Tensor) -> Tensor:
        """Clean standardised image tokens (B, n_tokens, clip_dim) from noisy ones at timesteps t (B,)."""
        brain = (brain_tokens - self.mean) / self.std
        sequence = torch.cat([brain, self.time(t)[:, None], noisy], 1) + self.position  # (B, 2 n_tokens + 1, clip_dim)
        return self.skip * brain + self.out(self.transformer(sequence)[:, -self.config.n_tokens :])

    @torch.no_grad()
    def sample(
        self, brain_tokens: Tensor, num_inference_steps: int, generators: Generators, n_samples: int = 1
    ) -> Tensor:
        """Brain tokens (B, n_tokens, clip_dim) to image tokens of the same shape, by DDIM.

        The mean over `n_samples` draws: one is a guess that could be true, many approach what is expected.
        """
        self.scheduler.set_timesteps(num_inference_steps)
        brain = brain_tokens.repeat(n_samples, 1, 1)
        tokens = draws_like(brain, generators)
        for t in self.scheduler.timesteps:
            clean = self.predict(tokens, t.to(brain.device).expand(len(tokens)), brain)
            tokens = self.scheduler.step(clean, t, tokens).prev_sample
        return tokens.unflatten(0, (n_samples, -1)).mean(0) * self.std + self.mean

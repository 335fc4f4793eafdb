"""The released diffusion prior: brain tokens to image tokens (MindEye2, after DALL-E 2, Ramesh et al. 2022)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from neuroclips.errors import InputError
from neuroclips.noise import Generators, draws_like
from neuroclips.ranges import Checked, Width
from neuroclips.reconstructors.released.tables import FixedTables, cosine_schedule
from neuroclips.reconstructors.released.transformer import Transformer


@dataclass(frozen=True)
class ReleasedPriorConfig(Checked):
    """Sizes and schedule; the defaults are the released ones."""

    dim: Width = 1664
    n_tokens: Width = 256
    depth: Width = 6
    heads: Width = 32
    head_dim: Width = 52
    n_timesteps: Width = 100

    def build(self) -> ReleasedPrior:
        return ReleasedPrior(self)


class Sinusoids(nn.Module):
    """Timesteps (B,) to sines and cosines (B, dim) of them."""

    def __init__(self, dim: int):
        super().__init__()
        self.n_angles = dim // 2

    def forward(self, t: Tensor) -> Tensor:
        slow = torch.exp(torch.arange(self.n_angles, device=t.device) * (-math.log(10000) / (self.n_angles - 1)))
        angles = t[:, None] * slow
        return torch.cat([angles.sin(), angles.cos()], -1)


class TimeMlp(nn.Module):
    """Two hidden layers of twice the width."""

    def __init__(self, dim: int):
        super().__init__()
        wide = 2 * dim
        first, second = nn.Sequential(nn.Linear(dim, wide), nn.SiLU()), nn.Sequential(nn.Linear(wide, wide), nn.SiLU())
        self.net = nn.Sequential(first, second, nn.Linear(wide, dim))

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class PriorNetwork(nn.Module):
    """Noisy image tokens, time and brain tokens to clean image tokens.

    The null embeddings took the place of brain tokens, and of noisy image tokens, in a fifth of training each.
    """

    def __init__(self, config: ReleasedPriorConfig):
        super().__init__()
        self.n_tokens, shape = config.n_tokens, (config.n_tokens, config.dim)
        self.learned_query = nn.Parameter(torch.randn(shape) * config.dim**-0.5)  # the position of image tokens
        self.null_brain_embeds = nn.Parameter(torch.randn(shape))
        self.null_image_embed = nn.Parameter(torch.randn(shape))
        self.to_time_embeds = nn.Sequential(nn.Sequential(Sinusoids(config.dim), TimeMlp(config.dim)))
        self.causal_transformer = Transformer(config.dim, config.depth, config.heads, config.head_dim)

    def forward(self, noisy: Tensor, t: Tensor, brain_tokens: Tensor) -> Tensor:
        """(B, n_tokens, dim), (B,) and (B, n_tokens, dim) to (B, n_tokens, dim)."""
        time = self.to_time_embeds(t.to(noisy))[:, None]  # (B, 1, dim)
        sequence = torch.cat([brain_tokens, time, noisy + self.learned_query], 1)  # (B, 2 n_tokens + 1, dim)
        return self.causal_transformer(sequence)[:, -self.n_tokens :]


class ReleasedPrior(nn.Module):
    """A diffusion whose network predicts the clean image tokens; tokens are neither centred nor scaled."""

    def __init__(self, config: ReleasedPriorConfig):
        super().__init__()
        self.config = config
        self.noise_scheduler = FixedTables(cosine_schedule(config.n_timesteps))
        self.net = PriorNetwork(config)

    def predict(self, noisy: Tensor, t: Tensor, brain_tokens: Tensor) -> Tensor:
        """Clean image tokens (B, n_tokens, dim) from noisy ones at timesteps t (B,)."""
        return self.net(noisy, t, brain_tokens)

    @torch.no_grad()
    def sample(
        self, brain_tokens: Tensor, num_inference_steps: int, generators: Generators, n_samples: int = 1
    ) -> Tensor:
        """Brain tokens (B, n_tokens, dim) to image tokens of the same shape; the mean over `n_samples` draws.

        DDIM with eta 1, or every step of DDPM when as many steps are asked for as there are timesteps.
        """
        most = self.config.n_timesteps
        if not 2 <= num_inference_steps <= most:
            raise InputError(f"got {num_inference_steps} prior steps, expected 2 to {most}")
        brain = brain_tokens.repeat(n_samples, 1, 1)
        draw = self._ddpm if num_inference_steps == most else self._ddim
        return draw(brain, num_inference_steps, generators).unflatten(0, (n_samples, -1)).mean(0)

    def _ddim(self, brain: Tensor, n_steps: int, generators: Generators) -> Tensor:
        """Song et al. (2021), equation 12, in n_steps - 1 steps: the released list of times ends at -1.

        a -> alpha_t, a_next -> alpha_(t-1), both from the table of alphas one step earlier, while the noise is found
        with the alpha of t itself; this too is as released.
        """
        alphas, times = self.noise_scheduler.table("alphas_cumprod_prev"), ddim_times(self.config.n_timesteps, n_steps)
        tokens = draws_like(brain, generators)
        for t, t_next in zip(times[:-1], times[1:], strict=True):
            clean = self.predict(tokens, torch.full((len(tokens),), t, device=brain.device), brain)
            if t_next < 0:
                break
            a, a_next = alphas[t], alphas[t_next]
            sigma = ((1 - a / a_next) * (1 - a_next) / (1 - a)).sqrt()
            fresh = draws_like(brain, generators) if t_next > 0 else 0
            found = self._noise_in(tokens, t, clean)
            tokens = a_next.sqrt() * clean + (1 - a_next - sigma**2).sqrt() * found + sigma * fresh
        return clean

    def _noise_in(self, tokens: Tensor, t: int, clean: Tensor) -> Tensor:
        tables = self.noise_scheduler.table
        return (tables("sqrt_recip_alphas_cumprod")[t] * tokens - clean) / tables("sqrt_recipm1_alphas_cumprod")[t]

    def _ddpm(self, brain: Tensor, n_steps: int, generators: Generators) -> Tensor:
        """Ho et al. (2020), algorithm 2: each step draws from the posterior given the clean tokens."""
        tables, tokens = self.noise_scheduler.table, draws_like(brain, generators)
        for t in reversed(range(n_steps)):
            clean = self.predict(tokens, torch.full((len(tokens),), t, device=brain.device), brain)
            tokens = tables("posterior_mean_coef1")[t] * clean + tables("posterior_mean_coef2")[t] * tokens
            if t > 0:
                tokens = tokens + (0.5 * tables("posterior_log_variance_clipped")[t]).exp() * draws_like(
                    brain, generators
                )
        return tokens


def ddim_times(n_timesteps: int, n_steps: int) -> list[int]:
    """Falling times from -1 to n_timesteps without the last, in whole numbers: 94, 89, ... 4, -1 for 20 of 100."""
    return torch.linspace(-1, n_timesteps, n_steps + 1)[:-1].int().tolist()[::-1]

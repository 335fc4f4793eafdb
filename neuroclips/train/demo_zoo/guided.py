"""Starts and first frames of web clips made up to be as unsure as decoded ones: blurry videos, misplaced objects."""

from __future__ import annotations

import hashlib
from itertools import product

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from neuroclips.pretrained.schedule import Scheduler, diffuse_from
from neuroclips.train.engine import draws
from neuroclips.train.targets.encoders import weights_key
from neuroclips.train.targets.latents import kept
from neuroclips.web.blurry import CELLS, SHARES, made_up
from neuroclips.web.films import drawn, to_pixels
from neuroclips.zoo import Zoo, load_part

N_DRAWS = 2  # of both, of every clip: rendered and encoded once, and drawn from while training
FROM_BLURRY = 0.75  # share of films that start from a blurry video
BEGINS = (0.4, 0.85)  # shares of the schedule at which these begin
MISPLACED = 0.5  # share of their first frames that show the object elsewhere


def any_noise(scheduler: Scheduler, clean: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Noise like `clean` (B, ...) and timesteps (B,), all alike likely."""
    noise = draws.noise_like(clean, generator)
    return noise, draws.indices(scheduler.config.num_train_timesteps, len(clean), generator, clean.device)


def noise_from_blurry(
    scheduler: Scheduler, clean: Tensor, blurry: Tensor, generator: torch.Generator, theta: float
) -> tuple[Tensor, Tensor]:
    """What stands in for noise on the way from `blurry` to `clean`, both (B, ...), and timesteps (B,).

    Every row begins at a timestep of its own, drawn between BEGINS.
    """
    first, last = (int(share * scheduler.config.num_train_timesteps) for share in BEGINS)
    begin = torch.randint(first, last, (len(clean),), generator=generator)
    noise = draws.noise_like(clean, generator)
    t = begin * (1 + 2 * torch.rand(len(clean), generator=generator)) / 3  # the last third is nearly the film
    return left_by_blurry(scheduler, clean, blurry, noise, begin, theta), t.long().to(clean.device)


def left_by_blurry(
    scheduler: Scheduler, clean: Tensor, blurry: Tensor, noise: Tensor, begin: Tensor | int, theta: float
) -> Tensor:
    """What equation 5's start from `blurry` at timestep `begin` holds beside `clean`, taken for noise: (B, C, F, h, w).

    Added to `clean` by the schedule it is that start at `begin`, and at smaller timesteps what denoising would have
    made of it had it known the film (the path of DDIM, Song et al. 2021): ever less of the blurry video.

    clean, blurry, noise : (B, C, F, h, w); begin : a timestep, or one for each row (B,), theta as in equation 5.
    """
    start = diffuse_from(scheduler, blurry, begin, theta, noise)
    alpha = scheduler.alphas_cumprod[begin].view(-1, *[1] * (clean.dim() - 1)).to(clean.device)
    return (start - alpha.sqrt() * clean) / (1 - alpha).sqrt()


def films_of_unsure(n_clips: int, first: int, n_draws: int = N_DRAWS) -> np.ndarray:
    """What `made_up` draws of web clips, uint8 (n_clips * n_draws, 7, 3, H, W); drawn once and mapped from disk."""
    key = hashlib.sha256(repr((SHARES, CELLS)).encode()).hexdigest()[:12]
    numbers = list(product(range(first, first + n_clips), range(n_draws)))
    return drawn(f"unsure_{first}_{n_clips}x{n_draws}_{key}", made_up, numbers)


def unsure(n_clips: int, first: int, zoo: Zoo, n_draws: int = N_DRAWS) -> dict[str, Tensor]:
    """Latents of what is made up of web clips: "blurry" (n_clips, n_draws, 6, C, h, w), 6 frames of 2 s each, and
    "misplaced" (n_clips, n_draws, C, h, w), a first frame of the same object in another place. Kept in the cache.
    """
    key = repr((weights_key(zoo.part("codec")), SHARES, CELLS))
    digest = hashlib.sha256(key.encode()).hexdigest()[:12]
    return kept(f"unsure_{first}_{n_clips}x{n_draws}_{digest}", lambda: _unsure(n_clips, first, zoo, n_draws))


@torch.no_grad()
def _unsure(n_clips: int, first: int, zoo: Zoo, n_draws: int) -> dict[str, Tensor]:
    codec, films = load_part(zoo, "codec"), films_of_unsure(n_clips, first, n_draws)
    parts = [codec.encode(to_pixels(films[i : i + 16])).cpu() for i in tqdm(range(0, len(films), 16), desc="unsure")]
    rows = torch.cat(parts).unflatten(0, (n_clips, n_draws))  # (n_clips, n_draws, 7, C, h, w)
    return {"blurry": rows[:, :, :-1].clone(), "misplaced": rows[:, :, -1].clone()}

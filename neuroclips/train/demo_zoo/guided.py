"""Starts and first frames of web clips made up to be as unsure as decoded ones: blurry videos, misplaced objects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from neuroclips.config import ZOOS
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.pretrained.schedule import Scheduler, diffuse_from
from neuroclips.pretrained.video import interpolate_frames
from neuroclips.simulation.shots import web_shot
from neuroclips.web.blurry import blurry_video_of
from neuroclips.web.counterfactual import another_place
from neuroclips.web.films import frames_of, time_of, to_pixels

BEGINS = (0.4, 0.85)  # shares of the schedule at which films that start from a blurry video begin
MISPLACED = 0.5  # share of their first frames that show the object elsewhere


def any_noise(scheduler: Scheduler, clean: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Noise like `clean` (B, ...) and timesteps (B,), all alike likely."""
    noise = torch.randn(clean.shape, generator=generator)
    return noise, torch.randint(scheduler.config.num_train_timesteps, (len(clean),), generator=generator)


def noise_from_blurry(
    scheduler: Scheduler, clean: Tensor, blurry: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """What stands in for noise on the way from `blurry` to `clean`, both (B, C, F, h, w), and timesteps (B,).

    All rows begin at one timestep, drawn between BEGINS.
    """
    begins = (int(share * scheduler.config.num_train_timesteps) for share in BEGINS)
    begin, noise = torch.randint(*begins, (1,), generator=generator), torch.randn(clean.shape, generator=generator)
    t = begin * (1 + 2 * torch.rand(len(clean), generator=generator)) / 3  # the last third is nearly the film
    return left_by_blurry(scheduler, clean, blurry, noise, begin), t.long()


def left_by_blurry(scheduler: Scheduler, clean: Tensor, blurry: Tensor, noise: Tensor, begin: Tensor) -> Tensor:
    """What equation 5's start from `blurry` at timestep `begin` holds beside `clean`, taken for noise: (B, C, F, h, w).

    Added to `clean` by the schedule it is that start at `begin`, and at smaller timesteps what denoising would have
    made of it had it known the film (the path of DDIM, Song et al. 2021): ever less of the blurry video.

    clean, blurry, noise : (B, C, F, h, w); begin : (1,).
    """
    start = diffuse_from(scheduler, blurry, begin, ZOOS["demo"].inference.theta, noise)
    alpha = scheduler.alphas_cumprod[begin]
    return (start - alpha.sqrt() * clean) / (1 - alpha).sqrt()


@torch.no_grad()
def blurry_latents(codec: LatentCodec, indices: Sequence[int], n_frames: int, rng: np.random.Generator) -> Tensor:
    """Latents (B, C, n_frames, h, w) of made-up blurry videos of web shots, interpolated in time as latents."""
    videos = torch.stack([to_pixels(blurry_video_of(i, rng)) for i in indices])  # (B, 6, 3, H, W)
    latents = torch.stack([interpolate_frames(x, n_frames) for x in codec.encode(videos)])
    return latents.transpose(1, 2)  # (B, C, n_frames, h, w)


@torch.no_grad()
def misplaced(codec: LatentCodec, indices: Sequence[int], first: Tensor, rng: np.random.Generator) -> Tensor:
    """First frames of web shots, latents (B, C, h, w), of which a share is replaced by one of another place."""
    frames = np.concatenate([frames_of(another_place(web_shot(i), rng), time_of(i), 1) for i in indices])
    others = codec.encode(to_pixels(frames))  # (B, C, h, w)
    return torch.where(torch.from_numpy(rng.random((len(first), 1, 1, 1)) < MISPLACED), others, first)

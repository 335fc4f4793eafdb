"""CLIP image tokens and the first blurry frame to a keyframe: beta guidance (paper, section 3.3)."""

from __future__ import annotations

from functools import partial
from math import isqrt
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import DDIMScheduler, UNet2DConditionModel
from torch import Tensor

from neuroclips.errors import InputError
from neuroclips.noise import Generators, randn
from neuroclips.pretrained.base import Frozen, OnStep, fitted
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.pretrained.precision import in_bfloat16
from neuroclips.pretrained.schedule import (
    Scheduler,
    diffuse_from,
    for_both_halves,
    get_timesteps,
    guide,
    scaled_for,
    step,
    with_solver,
)


def pad_channels(latents: Tensor, n_channels: int) -> Tensor:
    """Latents (B, C, ...) with zeros for the channels that they lack."""
    return torch.cat([latents, latents.new_zeros(len(latents), n_channels - latents.shape[1], *latents.shape[2:])], 1)


def with_grid(latents: Tensor, image_tokens: Tensor | None, n_channels: int) -> Tensor:
    """Latents (B, C, h, w) with the grid of image tokens behind them, for a UNet with `n_channels` inputs.

    Tokens (B, n_tokens, clip_dim) of a square grid are spread over the latents, so that what a token tells is where it
    belongs; None, for words or no condition, is a grid of zeros. A UNet with C inputs, as SDXL unCLIP has, takes none.
    """
    extra = n_channels - latents.shape[1]
    if not extra:
        return latents
    if image_tokens is None:
        return pad_channels(latents, n_channels)
    side = isqrt(image_tokens.shape[1])
    grid = image_tokens.transpose(1, 2).unflatten(2, (side, side))  # (B, clip_dim, side, side)
    return torch.cat([latents, F.interpolate(grid, size=latents.shape[2:], mode="bilinear")], 1)


class UnclipKeyframes(Frozen):
    """A latent UNet whose cross-attention reads CLIP image tokens; the paper's is in sdxl_unclip.py.

    The small one of the demo zoo is also given their grid, beside the latents.
    """

    def __init__(self, unet: UNet2DConditionModel, scheduler: Scheduler, codec: LatentCodec):
        super().__init__()
        self.unet, self.scheduler, self.codec = unet, scheduler, codec

    @classmethod
    def from_pretrained(
        cls, source: str | Path, codec: LatentCodec, *, subfolder=None, revision=None, dtype=torch.float32
    ) -> UnclipKeyframes:
        """From a folder, or a hub repository, of unet/ and scheduler/; both lie below `subfolder` if there is one."""
        below = f"{subfolder}/" if subfolder else ""
        unet = UNet2DConditionModel.from_pretrained(
            source, subfolder=f"{below}unet", revision=revision, torch_dtype=dtype
        )
        scheduler = DDIMScheduler.from_pretrained(source, subfolder=f"{below}scheduler", revision=revision)
        return cls(unet, scheduler, codec).eval().requires_grad_(False)

    @property
    def pixels(self) -> int:
        """The edge of a keyframe."""
        return self.unet.config.sample_size * self.codec.factor

    @torch.no_grad()
    @in_bfloat16
    def __call__(
        self,
        image_tokens: Tensor,
        first_frames: Tensor | None,
        *,
        start: float,
        num_inference_steps: int,
        guidance_scale: float,
        generators: Generators,
        solver: str = "euler",
        on_step: OnStep | None = None,
    ) -> Tensor:
        """Image tokens (B, n_tokens, clip_dim) to keyframes (B, 3, H, W) in [0, 1].

        first_frames : (B, 3, H, W) in [0, 1], the first frames of the blurry videos, noised up to the share `start`
            of the schedule and denoised from there; None starts from pure noise, as the released code does.
        """
        if image_tokens.shape[-1] != (width := self.unet.config.cross_attention_dim):
            raise InputError(
                f"got image tokens {image_tokens.shape[-1]} wide, expected {width}, those of the keyframe model: take "
                "semantic and prior weights that were trained for this zoo"
            )
        scheduler = with_solver(self.scheduler, solver)
        timesteps = get_timesteps(scheduler, num_inference_steps, start if first_frames is not None else 1.0)
        latents = self._start(scheduler, timesteps[0], first_frames, generators)
        tokens, n_channels = self.moved(image_tokens), self.unet.config.in_channels
        context = tokens if guidance_scale == 1 else torch.cat([tokens, self._unconditional(tokens, generators)])
        labels = self._labels(len(context))
        for i, t in enumerate(timesteps):
            scaled = for_both_halves(scheduler.scale_model_input(latents, t).to(self.dtype), guidance_scale)
            predicted = self.unet(with_grid(scaled, context, n_channels), t, context, class_labels=labels).sample
            guided = guide(predicted.float(), guidance_scale)
            latents, clean = step(scheduler, guided, t, latents)
            if on_step:
                on_step((i + 1) / len(timesteps), partial(self._look, clean[:1]))
        return self._pictures(latents)

    def _look(self, latents: Tensor) -> Tensor:
        return self._pictures(latents)[0]

    def _unconditional(self, tokens: Tensor, generators: Generators) -> Tensor:
        """Like image tokens (B, n_tokens, clip_dim): what guidance leads away from."""
        return torch.zeros_like(tokens)

    def _labels(self, n: int) -> Tensor | None:
        """What the UNet is told beside the tokens (n, width), where it has an embedding of classes."""
        return None

    def _pictures(self, latents: Tensor) -> Tensor:
        """Latents (B, C, h, w) to keyframes (B, 3, H, W) in [0, 1]."""
        return self.codec.decode(latents)

    def _start(
        self, scheduler: Scheduler, first: Tensor, first_frames: Tensor | None, generators: Generators
    ) -> Tensor:
        """Latents (B, C, h, w) at the timestep at which denoising begins."""
        noise, begun = self._noise(generators), self._begun(first_frames, generators)
        latents = noise if begun is None else diffuse_from(scheduler, begun, first, 0.0, noise)
        return scaled_for(scheduler, latents, first)

    def _noise(self, generators: Generators) -> Tensor:
        """What is added to latents (B, C, h, w), or begins in their place."""
        side = self.unet.config.sample_size
        return randn((self.codec.channels, side, side), generators).to(self.device)

    def _begun(self, first_frames: Tensor | None, generators: Generators) -> Tensor | None:
        """Latents (B, C, h, w) that are noised to the first timestep; None where that is of noise alone."""
        return None if first_frames is None else self.codec.encode(fitted(first_frames, self.pixels))

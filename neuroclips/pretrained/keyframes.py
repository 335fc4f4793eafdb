"""CLIP image tokens and the first blurry frame to a keyframe: beta guidance (paper, section 3.3)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from torch import Tensor, nn

from neuroclips.pretrained.codec import LatentCodec
from neuroclips.pretrained.schedule import Scheduler, diffuse_from, get_timesteps, guide, randn, scaled_for, with_solver


class UnclipKeyframes(nn.Module):
    """A latent UNet whose cross-attention reads CLIP image tokens, as SDXL unCLIP does."""

    def __init__(self, unet: UNet2DConditionModel, scheduler: Scheduler, codec: LatentCodec):
        super().__init__()
        self.unet, self.scheduler, self.codec = unet, scheduler, codec

    @classmethod
    def from_pretrained(cls, folder: str | Path, codec: LatentCodec) -> UnclipKeyframes:
        unet = UNet2DConditionModel.from_pretrained(folder, subfolder="unet", torch_dtype=torch.float32)
        scheduler = DDIMScheduler.from_pretrained(folder, subfolder="scheduler")
        return cls(unet, scheduler, codec).eval().requires_grad_(False)

    @torch.no_grad()
    def __call__(
        self,
        image_tokens: Tensor,
        first_frames: Tensor | None,
        *,
        start: float,
        num_inference_steps: int,
        guidance_scale: float,
        generator: torch.Generator,
        solver: str = "euler",
        on_step: Callable[[float], None] | None = None,
    ) -> Tensor:
        """Image tokens (B, n_tokens, clip_dim) to keyframes (B, 3, H, W) in [0, 1].

        first_frames : (B, 3, H, W) in [0, 1], the first frames of the blurry videos, noised up to the share `start`
            of the schedule and denoised from there; None starts from pure noise, as the released code does.
        """
        scheduler = with_solver(self.scheduler, solver)
        timesteps = get_timesteps(scheduler, num_inference_steps, start if first_frames is not None else 1.0)
        side = self.unet.config.sample_size
        noise = randn((len(image_tokens), self.codec.channels, side, side), generator)
        latents = noise
        if first_frames is not None:
            latents = diffuse_from(scheduler, self.codec.encode(first_frames), timesteps[0], 0.0, noise)
        latents = scaled_for(scheduler, latents, timesteps[0])
        context = torch.cat([image_tokens, torch.zeros_like(image_tokens)])
        for i, t in enumerate(timesteps):
            scaled = scheduler.scale_model_input(latents, t)
            predicted = self.unet(torch.cat([scaled, scaled]), t, context).sample
            latents = scheduler.step(guide(*predicted.chunk(2), guidance_scale), t, latents).prev_sample
            if on_step:
                on_step((i + 1) / len(timesteps))
        return self.codec.decode(latents)

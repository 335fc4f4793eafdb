"""Pixels to latents and back: diffusers' AutoencoderKL, and the only file that knows a scaling factor."""

from __future__ import annotations

from math import isqrt
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from torch import Tensor

from neuroclips.errors import InputError
from neuroclips.pretrained.base import Frozen
from neuroclips.pretrained.precision import in_bfloat16


class LatentCodec(Frozen):
    """Frozen latent codec over AutoencoderKL.

    An autoencoder with 3 * p * p input channels is put between pixel_unshuffle(p) and pixel_shuffle(p),
    which is what makes the demo codec cheap on a CPU; Stable Diffusion's VAE has p = 1.
    """

    def __init__(self, vae: AutoencoderKL):
        super().__init__()
        self.vae = vae
        self.patch = isqrt(vae.config.in_channels // 3)

    @classmethod
    def from_pretrained(
        cls, source: str | Path, *, subfolder=None, revision=None, dtype: torch.dtype = torch.float32
    ) -> LatentCodec:
        """From a folder, or a subfolder of a hub repository."""
        vae = AutoencoderKL.from_pretrained(source, subfolder=subfolder, revision=revision, torch_dtype=dtype)
        return cls(vae).eval().requires_grad_(False)

    @property
    def channels(self) -> int:
        return self.vae.config.latent_channels

    @property
    def factor(self) -> int:
        """Pixels per latent, along an edge."""
        return self.patch * 2 ** (len(self.vae.config.block_out_channels) - 1)

    @in_bfloat16
    def encode(self, pixels: Tensor) -> Tensor:
        """Pixels (..., 3, H, W) in [0, 1] to the mode of the scaled latents (..., C, H/f, W/f)."""
        flat = self.moved(pixels).reshape(-1, *pixels.shape[-3:])
        latents = self.distribution(flat).mode().float() * self.vae.config.scaling_factor
        return latents.reshape(*pixels.shape[:-3], *latents.shape[-3:])

    @in_bfloat16
    def decode(self, latents: Tensor) -> Tensor:
        """Scaled latents (..., C, h, w) to pixels (..., 3, h*f, w*f) in [0, 1]. Raises InputError for another C.

        Pixels that are infinite, as half precision makes them, become NaN: clamped they would be black or white.
        """
        if latents.shape[-3] != self.channels:
            raise InputError(
                f"got latents of {latents.shape[-3]} channels, expected the codec's {self.channels}: take perception "
                "weights that were trained for this zoo"
            )
        flat = self.moved(latents).reshape(-1, *latents.shape[-3:]) / self.vae.config.scaling_factor
        pixels = self.to_pixels(flat).float()
        pixels = pixels.where(pixels.isfinite(), torch.nan).clamp(0, 1)
        return pixels.reshape(*latents.shape[:-3], *pixels.shape[-3:])

    def distribution(self, pixels: Tensor):
        """The posterior over unscaled latents of pixels (B, 3, H, W); the training loss needs it."""
        return self.vae.encode(F.pixel_unshuffle(2 * pixels - 1, self.patch)).latent_dist

    def to_pixels(self, latents: Tensor) -> Tensor:
        """Unscaled latents (B, C, h, w) to unclamped pixels (B, 3, H, W)."""
        return (F.pixel_shuffle(self.vae.decode(latents).sample, self.patch) + 1) / 2

"""SDXL unCLIP, the keyframe model of the paper, sampled as the released code samples it.

What is its own is told by the released code alone (NeuroClips, src/utils.py and unclip6.yaml; MindEye2 has the same).
"""

from __future__ import annotations

import torch
from diffusers.models.embeddings import get_timestep_embedding
from torch import Tensor

from neuroclips.noise import Generators, randn
from neuroclips.pretrained.base import fitted
from neuroclips.pretrained.keyframes import UnclipKeyframes

OFFSET = 0.04  # share of noise that is the same all over a sample
STRETCH = 1.6  # of colours below white


def size_embedding(size: int, wide: int) -> Tensor:
    """What SDXL is told of a square picture of that edge [pixels], uncropped: (4 * wide,).

    Sinusoidal embeddings, cosines first, of its height, its width, and the two crops, which are 0 (Podell et al. 2023,
    section 2.2).
    """
    numbers = torch.tensor([size, size, 0, 0])
    return get_timestep_embedding(numbers, wide, flip_sin_to_cos=True, downscale_freq_shift=0).flatten()


def stretched(pixels: Tensor) -> Tensor:
    """Colours (..., 3, H, W) in [0, 1] of the model to those of keyframes: clamp(0.8 x + 0.2) of x = 2 pixels - 1.

    The tokens that a brain is decoded into are of pictures of half the contrast (HalvedContrastClip), and so are the
    pictures that the model makes of them.
    """
    return (STRETCH * pixels + 1 - STRETCH).clamp(0, 1)


def paled(pixels: Tensor) -> Tensor:
    """Colours (..., 3, H, W) in [0, 1] of pictures to those of the model, which `stretched` takes back."""
    return (pixels + STRETCH - 1) / STRETCH


class SdxlUnclip(UnclipKeyframes):
    """The UNet of SDXL that reads 256 tokens of ViT-bigG-14 instead of words.

    Guidance leads away from tokens of noise, not of zeros, and the noise of the start has an offset.
    """

    def _unconditional(self, tokens: Tensor, generators: Generators) -> Tensor:
        return randn(tuple(tokens.shape[1:]), generators).to(tokens)

    def _labels(self, n: int) -> Tensor:
        wide = self.unet.config.projection_class_embeddings_input_dim // 4
        return self.moved(size_embedding(self.pixels, wide)).expand(n, -1)

    def _pictures(self, latents: Tensor) -> Tensor:
        return stretched(super()._pictures(latents))

    def _noise(self, generators: Generators) -> Tensor:
        return super()._noise(generators) + OFFSET * randn((1, 1, 1), generators).to(self.device)

    def _begun(self, first_frames: Tensor | None, generators: Generators) -> Tensor:
        """From noise alone, too, the released code noises something: latents that are drawn."""
        if first_frames is None:
            return super()._noise(generators)
        return self.codec.encode(paled(fitted(first_frames, self.pixels)))

"""The linear baseline: voxels straight to CLIP tokens or to latents by one ridge regression."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor, nn

from neuroclips.errors import InputError
from neuroclips.ranges import Checked, Width


@dataclass(frozen=True)
class LinearConfig(Checked):
    """Shape of what is decoded: (n_tokens, clip_dim), or (n_frames, latent_channels, h, w)."""

    shape: tuple[Width, ...]

    def __post_init__(self):
        super().__post_init__()
        if not self.shape:
            raise InputError("got an empty shape, expected sizes such as [16, 128]")

    def build(self, n_voxels: int) -> LinearReconstructor:
        return LinearReconstructor(self, n_voxels)


class LinearReconstructor(nn.Module):
    """It answers to the calls of the deep reconstructor that it is the baseline of."""

    centre: Tensor

    def __init__(self, config: LinearConfig, n_voxels: int):
        super().__init__()
        self.config, self.n_voxels = config, n_voxels
        self.ridge = nn.Linear(n_voxels, prod(config.shape))
        self.register_buffer("centre", torch.zeros(config.shape))

    @property
    def voxel_weights(self) -> Tensor:
        """(n_outputs, n_voxels)."""
        return self.ridge.weight

    def forward(self, voxels: Tensor) -> Tensor:
        """Voxels (B, n_voxels) to (B, *shape)."""
        return self.ridge(voxels).unflatten(1, self.config.shape)

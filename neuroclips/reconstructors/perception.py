"""Perception Reconstructor: voxels to the latents of a blurry video (paper, section 3.1 and appendix B.1)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from neuroclips.reconstructors.layers import ResidualMlp, SubjectRidge, TemporalAttention


@dataclass(frozen=True)
class PerceptionConfig:
    """Sizes; the paper has hidden 4096, 6 frames and latents of 4 x 28 x 28."""

    n_frames: int = 6
    latent_channels: int = 4
    latent_side: int = 12
    ridge_dim: int = 384
    hidden_dim: int = 512
    channels: tuple[int, ...] = (96, 64, 48)  # at sides 3, 6 and 12
    dropout: float = 0.3

    def __post_init__(self):
        start = self.latent_side / 2 ** (len(self.channels) - 1)
        if start != int(start):
            raise ValueError(
                f"got latent side {self.latent_side}, expected a multiple of {2 ** (len(self.channels) - 1)}"
            )

    def build(self, n_voxels: int) -> PerceptionReconstructor:
        return PerceptionReconstructor(self, n_voxels)


class InceptionExtension(nn.Module):
    """One fMRI to n_frames fMRIs by a shallow MLP: Y_i = Y + MLP_i(Y).

    It works on the ridge output, not on the voxels: the ridge is linear, and the MLP is n_voxels / ridge_dim smaller.
    """

    def __init__(self, dim: int, n_frames: int, bottleneck: int = 128):
        super().__init__()
        self.n_frames = n_frames
        self.mlp = nn.Sequential(nn.Linear(dim, bottleneck), nn.GELU(), nn.Linear(bottleneck, n_frames * dim))

    def forward(self, y: Tensor) -> Tensor:
        """(B, dim) to (B, n_frames, dim)."""
        return y[:, None] + self.mlp(y).unflatten(1, (self.n_frames, -1))


class TemporalUpsampling(nn.Module):
    """Spatial layer, temporal attention, both with learned residual weights, then upsampling by 2 (appendix B.1)."""

    def __init__(self, channels: int, out_channels: int, n_frames: int, upsample: bool):
        super().__init__()
        self.spatial = nn.Sequential(
            nn.GroupNorm(8, channels), nn.SiLU(), nn.Conv2d(channels, channels, 3, padding=1),
            nn.GroupNorm(8, channels), nn.SiLU(), nn.Conv2d(channels, channels, 3, padding=1),
        )  # fmt: skip
        self.eta = nn.Parameter(torch.tensor(0.5))
        self.temporal = TemporalAttention(channels, n_frames)
        grow = nn.Upsample(scale_factor=2, mode="nearest") if upsample else nn.Identity()
        self.upsampling = nn.Sequential(grow, nn.Conv2d(channels, out_channels, 3, padding=1))

    def forward(self, e: Tensor) -> Tensor:
        """(B, n_frames, c, h, w) to (B, n_frames, c', 2h, 2w), or h, w without upsampling."""
        b, n = e.shape[:2]
        spatial = e.flatten(0, 1)  # (B n_frames, c, h, w)
        spatial = self.eta * self.spatial(spatial) + (1 - self.eta) * spatial
        e = self.temporal(spatial.unflatten(0, (b, n)))
        return self.upsampling(e.flatten(0, 1)).unflatten(0, (b, n))


class PerceptionReconstructor(nn.Module):
    """Ridge, Inception Extension, MLP, then Temporal Upsampling until the latents have their size."""

    def __init__(self, config: PerceptionConfig, n_voxels: int):
        super().__init__()
        self.config = config
        self.side = config.latent_side // 2 ** (len(config.channels) - 1)
        self.ridge = SubjectRidge(n_voxels, config.ridge_dim)
        self.extension = InceptionExtension(config.ridge_dim, config.n_frames)
        self.mlp = nn.Sequential(
            nn.Linear(config.ridge_dim, config.hidden_dim), ResidualMlp(config.hidden_dim, config.dropout),
            nn.Linear(config.hidden_dim, config.channels[0] * self.side**2),
        )  # fmt: skip
        outs = (*config.channels[1:], config.latent_channels)
        last = len(config.channels) - 1
        self.upsampling = nn.Sequential(
            *(
                TemporalUpsampling(c, out, config.n_frames, upsample=i < last)
                for i, (c, out) in enumerate(zip(config.channels, outs, strict=True))
            )
        )

    def forward(self, voxels: Tensor) -> Tensor:
        """Voxels (B, n_voxels) to scaled latents (B, n_frames, 4, h, w)."""
        return self.latents(self.ridge(voxels))

    def latents(self, low: Tensor) -> Tensor:
        """Ridge output (B, ridge_dim) to scaled latents (B, n_frames, 4, h, w)."""
        e = self.mlp(self.extension(low))  # (B, n_frames, c s s)
        return self.upsampling(e.unflatten(2, (self.config.channels[0], self.side, self.side)))

"""Perception Reconstructor: voxels to the latents of a blurry video (paper, section 3.1 and appendix B.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from neuroclips.errors import InputError
from neuroclips.ranges import Checked, Depth, Dropout, Width
from neuroclips.reconstructors.layers import GROUPS, ResidualMlp, SpatialLayer, TemporalAttention, linear


@dataclass(frozen=True)
class PerceptionConfig(Checked):
    """Sizes; the defaults are the paper's: hidden 4096, 6 frames and latents of 4 x 28 x 28.

    extend : "voxels", the paper's order, or "ridge" (ours): the extension reads and extends the ridge output, with
    n_voxels / ridge_dim fewer weights.
    extension_rank : rank of the extension's output layer, N_f x n_voxels x 256 weights at full rank (None).
    channels : of the Temporal Upsampling blocks; each but the last doubles the side.
    """

    n_frames: Width = 6
    latent_channels: Width = 4
    latent_side: Width = 28
    ridge_dim: Width = 4096
    hidden_dim: Width = 4096
    n_blocks: Depth = 4
    extend: Literal["voxels", "ridge"] = "voxels"
    extension_dim: Width = 256
    extension_rank: Width | None = None
    channels: tuple[Width, ...] = (128, 64, 32)
    temporal_attention: bool = True
    dropout: Dropout = 0.15

    def __post_init__(self):
        super().__post_init__()
        if not self.channels or any(n % GROUPS for n in self.channels):
            raise InputError(f"got channels {self.channels}, expected one or more, all multiples of {GROUPS}")
        factor = 2 ** (len(self.channels) - 1)
        if self.latent_side % factor:
            raise InputError(f"got latent side {self.latent_side}, expected a multiple of {factor}")

    def build(self, n_voxels: int) -> PerceptionReconstructor:
        return PerceptionReconstructor(self, n_voxels)


class InceptionExtension(nn.Module):
    """One fMRI to n_frames fMRIs by a shallow MLP: Y_i = Y + MLP_i(Y) (section 3.1; that Y is added is ours).

    With a rank, frames share the way from `rank` dimensions to all: hidden x n_frames x rank + rank x dim weights
    instead of hidden x n_frames x dim.
    """

    def __init__(self, dim: int, n_frames: int, hidden_dim: int, rank: int | None = None):
        super().__init__()
        self.n_frames = n_frames
        self.mlp = nn.Sequential(nn.Linear(dim, hidden_dim), nn.GELU(), nn.Linear(hidden_dim, n_frames * (rank or dim)))
        self.share = nn.Linear(rank, dim, bias=False) if rank else nn.Identity()

    def forward(self, y: Tensor) -> Tensor:
        """(B, dim) to (B, n_frames, dim)."""
        return y[:, None] + self.share(self.mlp(y).unflatten(1, (self.n_frames, -1)))


class TemporalUpsampling(nn.Module):
    """Spatial layer and temporal attention, each with its learnable residual, then upsampling by 2 (appendix B.1).

    E <- eta_1 * Spatial(E) + (1 - eta_1) * E, then equation 2: E <- eta_2 * E + (1 - eta_2) * Temporal(E); appendix
    B.1 has the two terms of equation 2 the other way round.
    """

    def __init__(self, channels: int, out_channels: int, n_frames: int, upsample: bool, temporal: bool):
        super().__init__()
        self.spatial, self.eta_1 = SpatialLayer(channels), nn.Parameter(torch.tensor(0.5))
        self.temporal = TemporalAttention(channels, n_frames) if temporal else None
        self.eta_2 = nn.Parameter(torch.tensor(0.8)) if temporal else None
        grow = nn.Upsample(scale_factor=2, mode="nearest") if upsample else nn.Identity()
        self.upsampling = nn.Sequential(grow, nn.Conv2d(channels, out_channels, 3, padding=1))

    def forward(self, e: Tensor) -> Tensor:
        """(B, n_frames, c, h, w) to (B, n_frames, c', 2h, 2w), or h, w without upsampling."""
        frames = e.shape[:2]
        flat = e.flatten(0, 1)  # (B n_frames, c, h, w)
        e = (self.eta_1 * self.spatial(flat) + (1 - self.eta_1) * flat).unflatten(0, frames)
        if self.temporal is not None and self.eta_2 is not None:
            e = self.eta_2 * e + (1 - self.eta_2) * self.temporal(e)
        return self.upsampling(e.flatten(0, 1)).unflatten(0, frames)


class PerceptionReconstructor(nn.Module):
    """Inception Extension, a ridge layer per subject, MLP, then Temporal Upsampling to the size of the latents."""

    def __init__(self, config: PerceptionConfig, n_voxels: int):
        super().__init__()
        self.config, self.n_voxels, hidden = config, n_voxels, config.hidden_dim
        self.side = config.latent_side // 2 ** (len(config.channels) - 1)
        self.extension = InceptionExtension(
            n_voxels if config.extend == "voxels" else config.ridge_dim,
            config.n_frames,
            config.extension_dim,
            config.extension_rank,
        )
        self.ridge = nn.Linear(n_voxels, config.ridge_dim)
        enter = [] if config.ridge_dim == hidden else [nn.Linear(config.ridge_dim, hidden)]
        blocks = (ResidualMlp(hidden, config.dropout) for _ in range(config.n_blocks))
        self.mlp = nn.Sequential(*enter, *blocks, linear(hidden, config.channels[0] * self.side**2))
        outs, last = (*config.channels[1:], config.latent_channels), len(config.channels) - 1
        self.upsampling = nn.Sequential(
            *(
                TemporalUpsampling(c, out, config.n_frames, upsample=i < last, temporal=config.temporal_attention)
                for i, (c, out) in enumerate(zip(config.channels, outs, strict=True))
            )
        )

    @property
    def subject_modules(self) -> dict[str, nn.Module]:
        """What belongs to one subject; all the rest can be shared."""
        on_voxels = {"extension": self.extension} if self.config.extend == "voxels" else {}
        return {"ridge": self.ridge, **on_voxels}

    @property
    def voxel_weights(self) -> Tensor:
        """(ridge_dim, n_voxels)."""
        return self.ridge.weight

    def forward(self, voxels: Tensor) -> Tensor:
        """Voxels (B, n_voxels) to scaled latents (B, n_frames, latent_channels, h, w)."""
        return self.from_low(self.low(voxels))

    def low(self, voxels: Tensor) -> Tensor:
        """Voxels (B, n_voxels) to (B, n_frames, ridge_dim), or (B, ridge_dim) where the extension comes after."""
        return self.ridge(self.extension(voxels) if self.config.extend == "voxels" else voxels)

    def from_low(self, low: Tensor) -> Tensor:
        """What `low` gave to scaled latents (B, n_frames, latent_channels, h, w)."""
        e = self.mlp(low if self.config.extend == "voxels" else self.extension(low))  # (B, n_frames, c s s)
        return self.upsampling(e.unflatten(2, (self.config.channels[0], self.side, self.side)))

"""Building blocks of the reconstructors: residual MLP blocks, the token projector, spatial and temporal attention."""

from __future__ import annotations

import torch
from diffusers.models.attention_processor import Attention
from diffusers.models.resnet import ResnetBlock2D
from torch import Tensor, nn

GROUPS = 8  # of channels, each normalised by itself


class ResidualMlp(nn.Module):
    """x + MLP(LayerNorm(x)); paths that start at zero keep a fresh network close to linear."""

    def __init__(self, dim: int, dropout: float):
        super().__init__()
        last = nn.Linear(dim, dim)
        self.layers = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, dim), nn.GELU(), nn.Dropout(dropout), last)
        nn.init.zeros_(last.weight)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class TokenProjector(nn.Module):
    """Each token through the same layers of LayerNorm, GELU and Linear, added to it: (B, n_tokens, clip_dim)."""

    def __init__(self, clip_dim: int, n_layers: int):
        super().__init__()
        layers: list[nn.Module] = []
        for _ in range(n_layers):
            last = nn.Linear(clip_dim, clip_dim)
            layers += [nn.LayerNorm(clip_dim), nn.GELU(), last]
        nn.init.zeros_(last.weight)
        self.layers = nn.Sequential(*layers)

    def forward(self, tokens: Tensor) -> Tensor:
        return tokens + self.layers(tokens)


def linear(in_dim: int, out_dim: int, rank: int | None = None) -> nn.Module:
    """A linear layer, as the product of two of `rank` when that is given."""
    if rank is None:
        return nn.Linear(in_dim, out_dim)
    return nn.Sequential(nn.Linear(in_dim, rank, bias=False), nn.Linear(rank, out_dim))


class SpatialLayer(nn.Module):
    """Convolutions and attention over the positions of each frame alone, from diffusers.

    Appendix B.1 speaks of a 3D convolution; here time is left to the temporal attention that follows.
    """

    def __init__(self, channels: int, groups: int = GROUPS):
        super().__init__()
        self.convolution = ResnetBlock2D(in_channels=channels, temb_channels=None, groups=groups)
        self.attention = Attention(
            channels, heads=1, dim_head=channels, bias=True, norm_num_groups=groups, residual_connection=True
        )

    def forward(self, e: Tensor) -> Tensor:
        """(B n_frames, c, h, w) to the same shape."""
        return self.attention(self.convolution(e, None))


class TemporalAttention(nn.Module):
    """Equation 2: E' = Softmax(Q K^T / sqrt(c)) E over the frames of one clip only, Q = W^Q E, K = W^K E.

    The released code attends over whole batches of clips; this one cannot mix clips. Frames carry a learned
    position, without which attention could not tell the first frame from the last.
    """

    def __init__(self, channels: int, n_frames: int):
        super().__init__()
        self.query, self.key = nn.Linear(channels, channels), nn.Linear(channels, channels)
        self.position = nn.Parameter(0.02 * torch.randn(n_frames, channels))

    def forward(self, e: Tensor) -> Tensor:
        """(B, n_frames, c, h, w) to the same shape."""
        b, n, c, h, w = e.shape
        temporal = e.permute(0, 3, 4, 1, 2).reshape(b * h * w, n, c)  # (B h w, n_frames, c)
        placed = temporal + self.position
        scores = self.query(placed) @ self.key(placed).transpose(1, 2) / c**0.5
        attended = scores.softmax(-1) @ temporal
        return attended.reshape(b, h, w, n, c).permute(0, 3, 4, 1, 2)  # (B, n_frames, c, h, w)

"""Building blocks of the reconstructors: the ridge of equation 3, residual MLP blocks, and temporal attention."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class SubjectRidge(nn.Module):
    """Equation 3 in closed form: voxels to a lower dimension, one linear map per subject, frozen once fitted.

    The lower dimension holds the leading principal components of what is to be decoded, so that each row of
    `weight` is the ridge regression of one component on the voxels.
    """

    def __init__(self, n_voxels: int, ridge_dim: int):
        super().__init__()
        self.register_buffer("weight", torch.zeros(ridge_dim, n_voxels))
        self.register_buffer("bias", torch.zeros(ridge_dim))

    def forward(self, voxels: Tensor) -> Tensor:
        """(B, n_voxels) to (B, ridge_dim)."""
        return voxels @ self.weight.T + self.bias


def ridge_solution(x: Tensor, y: Tensor, penalty: float) -> tuple[Tensor, Tensor]:
    """W = (X'X + penalty * n * I)^-1 X'Y on centred data, and the bias; x : (n, n_voxels), y : (n, k)."""
    x_mean, y_mean = x.mean(0), y.mean(0)
    xc, yc = x - x_mean, y - y_mean
    gram = xc.T @ xc
    gram.diagonal().add_(penalty * len(x))
    weight = torch.linalg.solve(gram, xc.T @ yc).T  # (k, n_voxels)
    return weight, y_mean - weight @ x_mean


class ResidualMlp(nn.Module):
    """x + MLP(LayerNorm(x)); paths that start at zero keep a fresh network close to linear."""

    def __init__(self, dim: int, dropout: float):
        super().__init__()
        self.layers = nn.Sequential(
            nn.LayerNorm(dim), nn.Linear(dim, dim), nn.GELU(), nn.Dropout(dropout), nn.Linear(dim, dim)
        )
        nn.init.zeros_(self.layers[-1].weight)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class TemporalAttention(nn.Module):
    """Equation 2: E <- eta * E + (1 - eta) * Softmax(QK' / sqrt(c)) E, over the frames of one clip only.

    The released code attends over whole batches of clips; this one cannot mix clips. Frames carry a learned
    position, without which attention could not tell the first frame from the last.
    """

    def __init__(self, channels: int, n_frames: int):
        super().__init__()
        self.query, self.key = nn.Linear(channels, channels), nn.Linear(channels, channels)
        self.position = nn.Parameter(0.02 * torch.randn(n_frames, channels))
        self.eta = nn.Parameter(torch.tensor(0.8))

    def forward(self, e: Tensor) -> Tensor:
        """(B, n_frames, c, h, w) to the same shape."""
        b, n, c, h, w = e.shape
        temporal = e.permute(0, 3, 4, 1, 2).reshape(b * h * w, n, c)  # (B h w, n_frames, c)
        placed = temporal + self.position
        scores = self.query(placed) @ self.key(placed).transpose(1, 2) / c**0.5
        attended = scores.softmax(-1) @ temporal
        mixed = self.eta * temporal + (1 - self.eta) * attended
        return mixed.reshape(b, h, w, n, c).permute(0, 3, 4, 1, 2)  # (B, n_frames, c, h, w)

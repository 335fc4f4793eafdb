"""What both released reconstructors begin with: the subject's linear map, mixer blocks, and the maps of a blurry image.

Follows the released code, which follows MindEye2 (Scotti et al. 2024).
"""

from __future__ import annotations

from torch import Tensor, nn


class SubjectLinears(nn.Module):
    """The released "ridge": voxels to the hidden width, one trained linear map per subject; here one subject."""

    def __init__(self, n_voxels: int, hidden_dim: int):
        super().__init__()
        self.linears = nn.ModuleList([nn.Linear(n_voxels, hidden_dim)])

    @property
    def weight(self) -> Tensor:
        """Of the one linear map, (hidden_dim, n_voxels)."""
        return self.linears[0].get_parameter("weight")

    def forward(self, voxels: Tensor) -> Tensor:
        """(B, n_voxels) to (B, hidden_dim)."""
        return self.linears[0](voxels)


class Mixer(nn.Module):
    """MLP-mixer blocks over a sequence of length one, in which the first path of every block cancels.

    In block i the first path mixes the features, the second the sequence. As the sequence has one element, the second
    path normalises an axis of length one, which leaves its LayerNorm's bias whatever came in: it emits a number c_i.
    It is added to the second path's own residual, which the first path never enters. So

        out = in + c_1 + ... + c_n

    with one scalar for all features and all inputs. The first path is computed all the same, as released, and its
    weights (134 M at paper size) change nothing: out does not depend on them, and their gradient is 0 but for rounding.
    """

    def __init__(self, dim: int, n_blocks: int, dropout: float = 0.15, hidden: bool = True):
        """`hidden`: each path has two linear maps (the backbones), or one with its GELU (Inception Extension)."""
        super().__init__()
        self.mixer_blocks1 = nn.ModuleList([_path(dim, dropout, hidden) for _ in range(n_blocks)])
        self.mixer_blocks2 = nn.ModuleList([_path(1, dropout, hidden) for _ in range(n_blocks)])

    def mixed(self, x: Tensor) -> Tensor:
        """(B, dim) to the same shape."""
        x = x[:, None]  # (B, 1, dim)
        features, sequence = x, x.transpose(1, 2)  # the residuals of the two paths
        for over_features, over_sequence in zip(self.mixer_blocks1, self.mixer_blocks2, strict=True):
            features = over_features(x) + features
            sequence = over_sequence(features.transpose(1, 2)) + sequence  # (B, dim, 1)
            x = features = sequence.transpose(1, 2)  # (B, 1, dim)
        return x[:, 0]


class Backbone(Mixer):
    """A mixer from whose features maps are made that a decoder upsamples into latents."""

    def add_maps(self, hidden_dim: int, channels: int, side: int, maps_dim: int, upsampler: nn.Module) -> None:
        """Give it the layers from features to latents."""
        self.map_shape = (channels, side, side)
        self.blin1 = nn.Linear(hidden_dim, channels * side**2)
        self.bdropout = nn.Dropout(0.3)
        self.bnorm = nn.GroupNorm(1, channels)
        self.b_maps_projector = _maps_projector(channels, maps_dim)
        self.bupsampler = upsampler

    def start_maps(self, features: Tensor) -> Tensor:
        """Features (B, hidden_dim) to what is upsampled (B, channels, side, side)."""
        return self.bnorm(self.bdropout(self.blin1(features)).unflatten(1, self.map_shape))


def _path(dim: int, dropout: float, hidden: bool) -> nn.Sequential:
    layers = [nn.Linear(dim, dim), nn.GELU(), nn.Dropout(dropout)]
    return nn.Sequential(nn.LayerNorm(dim), nn.Sequential(*layers, *([nn.Linear(dim, dim)] if hidden else [])))


def _maps_projector(channels: int, dim: int) -> nn.Sequential:
    """Maps compared with a frozen image network in training; kept for its keys, not needed to reconstruct."""
    return nn.Sequential(
        nn.Conv2d(channels, dim, 1, bias=False),
        nn.GroupNorm(1, dim),
        nn.ReLU(),
        nn.Conv2d(dim, dim, 1, bias=False),
        nn.GroupNorm(1, dim),
        nn.ReLU(),
        nn.Conv2d(dim, dim, 1),
    )

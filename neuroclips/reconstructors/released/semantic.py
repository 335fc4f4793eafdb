"""The released Semantics Reconstructor: voxels to brain tokens; also MindEye2 (Scotti et al. 2024), which it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import torch
from diffusers.models.autoencoders.vae import Decoder
from torch import Tensor, nn

from neuroclips.errors import InputError
from neuroclips.ranges import Checked, Depth, Range, Width
from neuroclips.reconstructors.released.mixer import Backbone, SubjectLinears

Condition = Literal["projected", "backbone"]


@dataclass(frozen=True)
class ReleasedSemanticConfig(Checked):
    """Sizes; the defaults are the released ones.

    `condition` names the tokens that the prior was trained on: "projected" (NeuroClips) or "backbone" (MindEye2).
    `blurry` adds MindEye2's low-level branch, whose sizes follow it; `text_dim` 0 leaves out the text projection.
    """

    hidden_dim: Width = 4096
    n_blocks: Depth = 4
    n_tokens: Width = 256
    clip_dim: Width = 1664
    condition: Condition = "projected"
    text_dim: Annotated[int, Range(0, 2**20)] = 0  # 1280 in NeuroClips
    blurry: bool = False
    start_channels: Width = 64
    start_side: Width = 7
    channels: tuple[Width, ...] = (128, 64, 32)  # at sides 7, 14 and 28
    latent_channels: Width = 4
    maps_dim: Width = 512

    def build(self, n_voxels: int) -> ReleasedSemantic:
        return ReleasedSemantic(self, n_voxels)


class SemanticBackbone(Backbone):
    """Hidden features to tokens by one large linear map, and a small MLP on each token."""

    def __init__(self, config: ReleasedSemanticConfig):
        super().__init__(config.hidden_dim, config.n_blocks)
        dim = config.clip_dim
        self.backbone_linear = nn.Linear(config.hidden_dim, config.n_tokens * dim)
        layers = (layer for _ in range(3) for layer in (nn.LayerNorm(dim), nn.GELU(), nn.Linear(dim, dim)))
        self.clip_proj = nn.Sequential(*layers)
        if config.blurry:
            sizes = (config.hidden_dim, config.start_channels, config.start_side, config.maps_dim)
            self.add_maps(*sizes, _image_decoder(config))


class TextProjection(nn.Module):
    """Tokens to the space of the caption's embedding: their mean, then one matrix. Was for training only."""

    def __init__(self, clip_dim: int, text_dim: int):
        super().__init__()
        self.proj = nn.Parameter(torch.zeros(clip_dim, text_dim))

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, n_tokens, clip_dim) to (B, text_dim)."""
        return tokens.mean(1) @ self.proj


class ReleasedSemantic(nn.Module):
    """Linear map, mixer, linear map to tokens, per-token MLP."""

    def __init__(self, config: ReleasedSemanticConfig, n_voxels: int):
        super().__init__()
        self.config = config
        self.ridge = SubjectLinears(n_voxels, config.hidden_dim)
        self.backbone = SemanticBackbone(config)
        if config.text_dim:
            self.clipproj = TextProjection(config.clip_dim, config.text_dim)

    @property
    def n_voxels(self) -> int:
        return self.voxel_weights.shape[1]

    @property
    def voxel_weights(self) -> Tensor:
        """Of the subject's linear map (hidden_dim, n_voxels)."""
        return self.ridge.weight

    @property
    def centre(self) -> Tensor:
        """Of the tokens (n_tokens, clip_dim): zero, the released code does not centre them."""
        return self.voxel_weights.new_zeros(self.config.n_tokens, self.config.clip_dim)

    def forward(self, voxels: Tensor) -> Tensor:
        """Voxels (B, n_voxels) to the tokens (B, n_tokens, clip_dim) that the prior is conditioned on."""
        tokens = self._tokens(voxels)
        return self.backbone.clip_proj(tokens) if self.config.condition == "projected" else tokens

    def projected(self, voxels: Tensor) -> Tensor:
        """Voxels (B, n_voxels) to the tokens (B, n_tokens, clip_dim) that were trained to resemble CLIP's."""
        return self.backbone.clip_proj(self._tokens(voxels))

    def blurry_latents(self, voxels: Tensor) -> Tensor:
        """Voxels (B, n_voxels) to scaled latents (B, 4, h, w) of a blurry image. Raises InputError without blurry."""
        if not self.config.blurry:
            raise InputError("got weights without MindEye2's low-level branch (backbone.blin1 and after)")
        return self.backbone.bupsampler(self.backbone.start_maps(self._features(voxels)))

    def _features(self, voxels: Tensor) -> Tensor:
        return self.backbone.mixed(self.ridge(voxels))  # (B, hidden_dim)

    def _tokens(self, voxels: Tensor) -> Tensor:
        tokens = self.backbone.backbone_linear(self._features(voxels))
        return tokens.unflatten(1, (self.config.n_tokens, self.config.clip_dim))  # (B, n_tokens, clip_dim)


def _image_decoder(config: ReleasedSemanticConfig) -> Decoder:
    """The decoder half of a VAE with two residual layers at each side."""
    return Decoder(
        config.start_channels,
        config.latent_channels,
        ("UpDecoderBlock2D",) * len(config.channels),
        tuple(reversed(config.channels)),
        layers_per_block=1,
    )

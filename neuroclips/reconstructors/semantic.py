"""Semantics Reconstructor: voxels to brain tokens in the space of CLIP's image tokens (paper, section 3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from neuroclips.ranges import Checked, Depth, Dropout, Width
from neuroclips.reconstructors.layers import ResidualMlp, TokenProjector, linear

Condition = Literal["projected", "backbone"]  # which tokens go to the prior


@dataclass(frozen=True)
class SemanticConfig(Checked):
    """Sizes; the defaults are the paper's, whose code has hidden 4096, 4 blocks and 256 tokens of 1664.

    head_rank : rank of the layer to n_tokens x clip_dim, 1.7 of 2.2 billion parameters at full rank (None).
    condition : the tokens that go to the prior: "projected", as in the paper's code, or "backbone", those before the
    projector, as in MindEye2 (Scotti et al. 2024): only the projected ones are pulled apart by the contrastive loss.
    """

    n_tokens: Width = 256
    clip_dim: Width = 1664
    ridge_dim: Width = 4096
    hidden_dim: Width = 4096
    n_blocks: Depth = 4
    head_rank: Width | None = None
    projector_layers: Depth = 3
    dropout: Dropout = 0.15
    condition: Condition = "projected"

    def build(self, n_voxels: int) -> SemanticReconstructor:
        return SemanticReconstructor(self, n_voxels)


class SemanticReconstructor(nn.Module):
    """A ridge layer per subject, then an MLP backbone to n_tokens x clip_dim, then a projector token by token."""

    centre: Tensor  # (n_tokens, clip_dim)

    def __init__(self, config: SemanticConfig, n_voxels: int):
        super().__init__()
        self.config, self.n_voxels = config, n_voxels
        self.ridge = nn.Linear(n_voxels, config.ridge_dim)
        enter = [] if config.ridge_dim == config.hidden_dim else [nn.Linear(config.ridge_dim, config.hidden_dim)]
        self.mlp = nn.Sequential(
            *enter, *(ResidualMlp(config.hidden_dim, config.dropout) for _ in range(config.n_blocks))
        )
        self.head = linear(config.hidden_dim, config.n_tokens * config.clip_dim, config.head_rank)
        layers = config.projector_layers
        self.projector = TokenProjector(config.clip_dim, layers) if layers else nn.Identity()
        self.register_buffer(
            "centre", torch.zeros(config.n_tokens, config.clip_dim)
        )  # mean token of the training films

    @property
    def subject_modules(self) -> dict[str, nn.Module]:
        """What belongs to one subject; all the rest can be shared."""
        return {"ridge": self.ridge}

    @property
    def voxel_weights(self) -> Tensor:
        """(ridge_dim, n_voxels)."""
        return self.ridge.weight

    def forward(self, voxels: Tensor) -> Tensor:
        """Voxels (B, n_voxels) to the brain tokens (B, n_tokens, clip_dim) that the prior is conditioned on."""
        return self.from_low(self.low(voxels))

    def projected(self, voxels: Tensor) -> Tensor:
        """Voxels (B, n_voxels) to the brain tokens (B, n_tokens, clip_dim) that retrieval compares."""
        return self.tokens(self.low(voxels))["projected"]

    def low(self, voxels: Tensor) -> Tensor:
        """Voxels (B, n_voxels) to (B, ridge_dim), the lower dimension of equation 3."""
        return self.ridge(voxels)

    def from_low(self, low: Tensor) -> Tensor:
        """Ridge output (B, ridge_dim) to the brain tokens (B, n_tokens, clip_dim) of `forward`."""
        return self.tokens(low)[self.config.condition]

    def tokens(self, low: Tensor) -> dict[str, Tensor]:
        """Ridge output (B, ridge_dim) to brain tokens (B, n_tokens, clip_dim) before and after the projector."""
        backbone = self.head(self.mlp(low)).unflatten(1, (self.config.n_tokens, self.config.clip_dim))
        return {"backbone": backbone, "projected": self.projector(backbone)}

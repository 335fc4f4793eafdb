"""The fusion classifier: do two neighbouring keyframes show the same class of object? (paper, section 3.4)"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from neuroclips.ranges import Checked, Dropout, Width


@dataclass(frozen=True)
class FusionConfig(Checked):
    """Widths: of CLIP's joint space, and of the one hidden layer of the paper's "shallow MLP" (ours)."""

    embed_dim: Width
    hidden_dim: Width = 128
    dropout: Dropout = 0.1

    def build(self) -> FusionClassifier:
        return FusionClassifier(self)


class FusionClassifier(nn.Module):
    """A shallow MLP on what two CLIP embeddings share and how they differ, so that their order does not count."""

    def __init__(self, config: FusionConfig):
        super().__init__()
        self.config = config
        self.mlp = nn.Sequential(
            nn.Linear(2 * config.embed_dim, config.hidden_dim),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.hidden_dim, 1),
        )

    def forward(self, one: Tensor, other: Tensor) -> Tensor:
        """Unit vectors (B, embed_dim) of two keyframes to logits (B,); above 0 means the same class."""
        together = torch.cat([one * other, (one - other).abs()], -1) * one.shape[-1] ** 0.5
        return self.mlp(together).squeeze(-1)

"""Semantics Reconstructor: voxels to brain tokens in the space of CLIP's image tokens (paper, section 3.2)."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from neuroclips.reconstructors.layers import ResidualMlp, SubjectRidge


@dataclass(frozen=True)
class SemanticConfig:
    """Sizes; the paper has hidden 4096, 256 tokens of 1664, and 4 blocks."""

    n_tokens: int
    clip_dim: int
    ridge_dim: int = 256
    hidden_dim: int = 512
    n_blocks: int = 2
    dropout: float = 0.3

    def build(self, n_voxels: int) -> SemanticReconstructor:
        return SemanticReconstructor(self, n_voxels)


class SemanticReconstructor(nn.Module):
    """Ridge, then an MLP whose output is reshaped into tokens."""

    def __init__(self, config: SemanticConfig, n_voxels: int):
        super().__init__()
        self.config = config
        self.ridge = SubjectRidge(n_voxels, config.ridge_dim)
        blocks = [ResidualMlp(config.hidden_dim, config.dropout) for _ in range(config.n_blocks)]
        self.mlp = nn.Sequential(nn.Linear(config.ridge_dim, config.hidden_dim), *blocks)
        self.head = nn.Linear(config.hidden_dim, config.n_tokens * config.clip_dim)

    def forward(self, voxels: Tensor) -> Tensor:
        """Voxels (B, n_voxels) to brain tokens (B, n_tokens, clip_dim)."""
        return self.tokens(self.ridge(voxels))

    def tokens(self, low: Tensor) -> Tensor:
        """Ridge output (B, ridge_dim) to brain tokens (B, n_tokens, clip_dim)."""
        return self.head(self.mlp(low)).unflatten(1, (self.config.n_tokens, self.config.clip_dim))

"""The adjusted projector of Reftm: image tokens to the space of text embeddings (paper, appendix B.2)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from neuroclips.ranges import Checked, Width


@dataclass(frozen=True)
class ProjectorConfig(Checked):
    """Widths; the paper's are 1664 and 1280."""

    clip_dim: Width = 1664
    embed_dim: Width = 1280

    def build(self) -> TextProjector:
        return TextProjector(self)


class TextProjector(nn.Module):
    """Mean over the tokens, then one matrix: before fine-tuning it is CLIP's own projection, without its CLS token."""

    def __init__(self, config: ProjectorConfig):
        super().__init__()
        self.config = config
        self.proj = nn.Parameter(torch.zeros(config.clip_dim, config.embed_dim))

    def forward(self, tokens: Tensor) -> Tensor:
        """Tokens (B, n_tokens, clip_dim) to unit vectors (B, embed_dim)."""
        return self.from_mean(tokens.mean(1))

    def from_mean(self, mean_token: Tensor) -> Tensor:
        """Mean tokens (B, clip_dim) to unit vectors (B, embed_dim)."""
        return F.normalize(mean_token @ self.proj, dim=-1)

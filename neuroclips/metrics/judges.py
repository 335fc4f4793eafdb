"""The frozen models behind the semantic scores, as types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor, nn


class ImageEmbedder(Protocol):
    def image_embeddings(self, pixels: Tensor) -> Tensor: ...


@dataclass(frozen=True)
class Judges:
    """frame : (B, 3, H, W) to logits. video : (B, n_frames, 3, H, W) to logits. clip : (B, 3, H, W) to unit vectors."""

    frame: nn.Module
    video: nn.Module
    clip: ImageEmbedder

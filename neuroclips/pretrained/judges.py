"""Frozen classifiers that judge a reconstruction: a ViT for frames and a VideoMAE for clips (paper, section 4.3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn
from transformers import VideoMAEForVideoClassification, ViTForImageClassification

from neuroclips.pretrained.base import Frozen, resized
from neuroclips.pretrained.whole import whole


class _Judge(Frozen):
    """Resizes pixels in [0, 1] to the model's size and normalises them to [-1, 1]."""

    model_class: Any

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model: Any = model

    @classmethod
    def from_pretrained(
        cls, source: str | Path, *, subfolder=None, revision=None, dtype: torch.dtype = torch.float32
    ) -> Self:
        more = {"subfolder": subfolder or "", "revision": revision}
        return cls(whole(cls.model_class, source, dtype=dtype, **more)).eval().requires_grad_(False)

    def _resize(self, pixels: Tensor) -> Tensor:
        size = self.model.config.image_size
        return 2 * self.moved(resized(pixels.to(self.device), size, mode="bilinear")) - 1


class FrameJudge(_Judge):
    """ViT classifier of single frames."""

    model_class = ViTForImageClassification

    def forward(self, frames: Tensor) -> Tensor:
        """Frames (B, 3, H, W) in [0, 1] to logits (B, n_classes)."""
        return self.model(self._resize(frames)).logits.float()


class VideoJudge(_Judge):
    """VideoMAE classifier of clips."""

    model_class = VideoMAEForVideoClassification

    def forward(self, videos: Tensor) -> Tensor:
        """Videos (B, n_frames, 3, H, W) in [0, 1] to logits (B, n_classes).

        The frames that the model wants are picked evenly from the first to the last; of fewer, some are seen twice or
        more: six frames at 3 fps, which are what is scored, fill sixteen places.
        """
        wanted = self.model.config.num_frames
        picked = videos[:, torch.linspace(0, videos.shape[1] - 1, wanted).round().long()]
        small = self._resize(picked.flatten(0, 1)).unflatten(0, picked.shape[:2])
        return self.model(small).logits.float()

"""Frozen classifiers that judge a reconstruction: a ViT for frames and a VideoMAE for clips (paper, section 4.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn
from transformers import VideoMAEForVideoClassification, ViTForImageClassification

from neuroclips.errors import InputError
from neuroclips.pretrained.base import Frozen, resized
from neuroclips.pretrained.whole import whole
from neuroclips.reading import naming, read_json

PROCESSOR = "preprocessor_config.json"  # beside released weights
MODES = {2: "bilinear", 3: "bicubic"}  # by the numbers of PIL


@dataclass(frozen=True)
class Eyes:
    """How a judge looks at pixels in [0, 1]: resized by `mode`, less the mean, over the spread, by channel."""

    mean: Sequence[float] = (0.5, 0.5, 0.5)
    std: Sequence[float] = (0.5, 0.5, 0.5)
    mode: str = "bilinear"

    @classmethod
    def beside(cls, folder: Path) -> Eyes:
        """As the weights' own processor says; without one as the judges of the demo zoo look, to [-1, 1].

        Films are square, so that its crop takes nothing away.
        """
        path = folder / PROCESSOR
        if not path.exists():
            return cls()
        with naming(path, "the processor of a classifier"):
            about = read_json(path)
            resample = about.get("resample", 2)
            if resample not in MODES:
                raise InputError(f"{path}: got resample {resample!r}, expected one of: {', '.join(map(str, MODES))}")
            return cls(tuple(about["image_mean"]), tuple(about["image_std"]), MODES[resample])

    def __call__(self, pixels: Tensor, size: int) -> Tensor:
        """Pixels (B, 3, H, W) in [0, 1] to what the model reads (B, 3, size, size)."""
        small = resized(pixels, size, mode=self.mode)
        mean, std = (small.new_tensor(values).view(3, 1, 1) for values in (self.mean, self.std))
        return (small - mean) / std


class _Judge(Frozen):
    """A classifier and the eyes that it was trained with."""

    model_class: Any

    def __init__(self, model: nn.Module, eyes: Eyes | None = None):
        super().__init__()
        self.model: Any = model
        self.eyes = eyes or Eyes()

    @classmethod
    def from_pretrained(
        cls, source: str | Path, *, subfolder=None, revision=None, dtype: torch.dtype = torch.float32
    ) -> Self:
        more = {"subfolder": subfolder or "", "revision": revision}
        eyes = Eyes.beside(Path(source, subfolder or ""))
        return cls(whole(cls.model_class, source, dtype=dtype, **more), eyes).eval().requires_grad_(False)

    def _seen(self, pixels: Tensor) -> Tensor:
        return self.moved(self.eyes(pixels.to(self.device), self.model.config.image_size))


class FrameJudge(_Judge):
    """ViT classifier of single frames."""

    model_class = ViTForImageClassification

    def forward(self, frames: Tensor) -> Tensor:
        """Frames (B, 3, H, W) in [0, 1] to logits (B, n_classes)."""
        return self.model(self._seen(frames)).logits.float()


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
        small = self._seen(picked.flatten(0, 1)).unflatten(0, picked.shape[:2])
        return self.model(small).logits.float()

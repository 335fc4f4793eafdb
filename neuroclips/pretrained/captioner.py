"""Keyframes to sentences: gamma guidance, by BLIP-2 (paper, section 3.3)."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import Blip2ForConditionalGeneration, Blip2Processor


class Blip2Captioner(nn.Module):
    """A frozen BLIP-2 with its processor; decoding is greedy, so a keyframe has one caption."""

    def __init__(self, model: Blip2ForConditionalGeneration, processor: Blip2Processor, max_new_tokens: int = 20):
        super().__init__()
        self.model, self.processor, self.max_new_tokens = model, processor, max_new_tokens

    @classmethod
    def from_pretrained(cls, folder: str | Path) -> Blip2Captioner:
        model = Blip2ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
        return cls(model, Blip2Processor.from_pretrained(folder)).eval().requires_grad_(False)

    @torch.no_grad()
    def __call__(self, keyframes: Tensor) -> list[str]:
        """Keyframes (B, 3, H, W) in [0, 1] to B sentences."""
        tokens = self.model.generate(
            self.pixel_values(keyframes), max_new_tokens=self.max_new_tokens, do_sample=False, num_beams=1
        )
        return [s.strip() for s in self.processor.batch_decode(tokens, skip_special_tokens=True)]

    def pixel_values(self, keyframes: Tensor) -> Tensor:
        """Resize and normalise as BLIP-2 was trained."""
        return self.processor.image_processor(keyframes, do_rescale=False, return_tensors="pt")["pixel_values"]

"""Keyframes to sentences: gamma guidance (paper, section 3.3), by BLIP-2, or by GIT for the ablation of table 2."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import (
    AutoTokenizer,
    Blip2ForConditionalGeneration,
    Blip2Processor,
    GitForCausalLM,
    PreTrainedTokenizerBase,
)
from transformers.modeling_outputs import BaseModelOutput

from neuroclips.pretrained.base import Frozen
from neuroclips.pretrained.whole import whole

MAX_NEW_TOKENS = 20


class Blip2Captioner(Frozen):
    """A frozen BLIP-2 with its processor; decoding is greedy, so a keyframe has one caption."""

    def __init__(self, model: Blip2ForConditionalGeneration, processor: Blip2Processor):
        super().__init__()
        self.model, self.processor = model, processor

    @classmethod
    def from_pretrained(
        cls, source: str | Path, *, subfolder=None, revision=None, dtype: torch.dtype = torch.float32
    ) -> Blip2Captioner:
        """From a folder, or a hub repository."""
        more = {"subfolder": subfolder or "", "revision": revision}
        model = whole(Blip2ForConditionalGeneration, source, dtype=dtype, **more)
        return cls(model, Blip2Processor.from_pretrained(source, **more)).eval().requires_grad_(False)

    @torch.no_grad()
    def __call__(self, keyframes: Tensor, image_tokens: Tensor | None = None) -> list[str]:
        """Keyframes (B, 3, H, W) in [0, 1] to B sentences; image tokens are not looked at."""
        tokens = self.model.generate(
            self.pixel_values(keyframes), max_new_tokens=MAX_NEW_TOKENS, do_sample=False, num_beams=1
        )
        return [s.strip() for s in self.processor.batch_decode(tokens, skip_special_tokens=True)]

    def pixel_values(self, keyframes: Tensor) -> Tensor:
        """Resize and normalise as BLIP-2 was trained: pixels (B, 3, h, w)."""
        return self.moved(
            self.processor.image_processor(keyframes, do_rescale=False, return_tensors="pt")["pixel_values"]
        )


class _PassTokens(nn.Module):
    """In the place of GIT's image encoder: tokens pass as they are, led by their mean in the place of the CLS token."""

    def forward(self, pixel_values: Tensor, **_) -> BaseModelOutput:
        tokens = pixel_values[:, 0]  # (B, n_tokens, clip_dim)
        return BaseModelOutput(last_hidden_state=torch.cat([tokens.mean(1, keepdim=True), tokens], 1))


class GitFromTokens(GitForCausalLM):
    """GIT whose image features are CLIP tokens; its vision config only says how many there are and how wide."""

    def __init__(self, config):
        super().__init__(config)
        self.git.image_encoder = _PassTokens()


class GitCaptioner(Frozen):
    """A frozen GIT that reads the image tokens decoded from the brain and never sees the keyframe."""

    def __init__(self, model: GitFromTokens, tokenizer: PreTrainedTokenizerBase):
        super().__init__()
        self.model, self.tokenizer = model, tokenizer

    @classmethod
    def from_pretrained(
        cls, source: str | Path, *, subfolder=None, revision=None, dtype: torch.dtype = torch.float32
    ) -> GitCaptioner:
        """From a folder, or a hub repository."""
        more = {"subfolder": subfolder or "", "revision": revision}
        model = whole(GitFromTokens, source, dtype=dtype, **more)
        return cls(model, AutoTokenizer.from_pretrained(source, **more)).eval().requires_grad_(False)

    @torch.no_grad()
    def __call__(self, keyframes: Tensor | None, image_tokens: Tensor) -> list[str]:
        """Image tokens (B, n_tokens, clip_dim) to B sentences; keyframes are not looked at."""
        start = torch.full((len(image_tokens), 1), self.tokenizer.bos_token_id, device=self.device)
        tokens = self.model.generate(
            input_ids=start,
            pixel_values=self.moved(image_tokens)[:, None],
            max_new_tokens=MAX_NEW_TOKENS,
            do_sample=False,
        )
        return [s.strip() for s in self.tokenizer.batch_decode(tokens, skip_special_tokens=True)]

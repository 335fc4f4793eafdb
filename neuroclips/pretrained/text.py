"""Sentences to the states of their words, by the text encoder that came with a text-to-video model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from neuroclips.pretrained.base import Frozen
from neuroclips.pretrained.whole import whole


class ClipText(Frozen):
    """CLIP's text tower as Stable Diffusion ships it: a folder of text_encoder/ and tokenizer/."""

    def __init__(self, model: CLIPTextModel, tokenizer: CLIPTokenizer):
        super().__init__()
        self.model, self.tokenizer = model, tokenizer

    @classmethod
    def from_pretrained(
        cls, source: str | Path, *, subfolder=None, revision=None, dtype: torch.dtype = torch.float32
    ) -> ClipText:
        """From a folder, or a hub repository; both parts lie in it, below `subfolder` if there is one."""
        below = f"{subfolder}/" if subfolder else ""
        model = whole(CLIPTextModel, source, subfolder=f"{below}text_encoder", revision=revision, dtype=dtype)
        return cls(model, CLIPTokenizer.from_pretrained(source, subfolder=f"{below}tokenizer", revision=revision))

    @torch.no_grad()
    def text_tokens(self, sentences: Sequence[str]) -> Tensor:
        """Sentences to the states of their words (B, n_words, width), padded to the encoder's length."""
        words = self.tokenizer(list(sentences), padding="max_length", truncation=True, return_tensors="pt")
        return self.model(words["input_ids"].to(self.device)).last_hidden_state.float()

    def unconditional(self, sentences: Sequence[str]) -> Tensor:
        """Negative prompts as words (B, n_words, width): Stable Diffusion learnt the empty sentence as no condition."""
        return self.text_tokens(sentences)

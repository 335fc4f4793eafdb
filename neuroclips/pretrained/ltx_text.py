"""Sentences to what LTX-Video reads, by the encoder of T5 that comes with it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor
from transformers import T5EncoderModel, T5TokenizerFast

from neuroclips.errors import MissingError
from neuroclips.pretrained.base import Frozen
from neuroclips.pretrained.whole import whole

N_WORDS = 256  # tokens that the transformer reads


class LtxText(Frozen):
    """T5's encoder, as it comes with LTX-Video: a folder of text_encoder/ and tokenizer/."""

    def __init__(self, model: T5EncoderModel, tokenizer: T5TokenizerFast):
        super().__init__()
        self.model, self.tokenizer = model, tokenizer

    @classmethod
    def from_pretrained(cls, source: str | Path, *, subfolder=None, revision=None, dtype=torch.float32) -> LtxText:
        """From a folder. Raises MissingError without the libraries that read its vocabulary."""
        below = f"{subfolder}/" if subfolder else ""
        _expect_readable(Path(source, f"{below}tokenizer"))
        tokenizer = T5TokenizerFast.from_pretrained(source, subfolder=f"{below}tokenizer", revision=revision)
        model = whole(T5EncoderModel, source, subfolder=f"{below}text_encoder", revision=revision, dtype=dtype)
        return cls(model, tokenizer)

    @torch.no_grad()
    def text_tokens(self, sentences: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Sentences to the states of their words (B, n_words, width), and which of them are words (B, n_words)."""
        words = self.tokenizer(
            list(sentences), padding="max_length", max_length=N_WORDS, truncation=True, return_tensors="pt"
        )
        mask = words["attention_mask"].bool().to(self.device)
        return self.model(words["input_ids"].to(self.device), attention_mask=mask).last_hidden_state, mask


def _expect_readable(tokenizer: Path) -> None:
    """Without them transformers asks for a library that is of no use here."""
    lacking = [name for name in ("sentencepiece", "google.protobuf") if find_spec(name) is None]
    if lacking and not (tokenizer / "tokenizer.json").is_file():
        raise MissingError(
            f"no {' and '.join(lacking)} to read the vocabulary in {tokenizer}: pip install 'neuroclips[ltx]'"
        )

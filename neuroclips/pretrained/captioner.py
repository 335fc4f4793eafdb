"""Keyframes to sentences: gamma guidance (paper, section 3.3), by BLIP-2, or by GIT for the ablation of table 2."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn
from transformers import (
    AutoTokenizer,
    Blip2ForConditionalGeneration,
    Blip2Processor,
    GitForCausalLM,
    LogitsProcessorList,
    PreTrainedTokenizerBase,
)
from transformers.modeling_outputs import BaseModelOutput

from neuroclips.errors import InputError
from neuroclips.pretrained.base import Frozen
from neuroclips.pretrained.whole import whole
from neuroclips.progress import expect_numbers
from neuroclips.reading import naming
from neuroclips.sizes.frozen import CONVERTER
from neuroclips.tensors import read_saved
from neuroclips.types import Step

MAX_NEW_TOKENS = 20


def _expect_scores(words: Tensor, scores: Tensor) -> Tensor:
    """Scores of the next word, of which some may be ruled out; of values that are no numbers none would be chosen."""
    expect_numbers(Step.CAPTION, scores.where(scores.isnan(), 0.0))
    return scores


ONLY_NUMBERS = LogitsProcessorList([_expect_scores])


class Blip2Captioner(Frozen):
    """A frozen BLIP-2 with its processor; decoding is greedy, so a keyframe has one caption.

    Configs older than transformers 4.46, as that of the paper's revision, name no token for the places of the image:
    then it is the one that the processor adds to the vocabulary, for which the released weights have a spare row.
    """

    def __init__(self, model: Blip2ForConditionalGeneration, processor: Blip2Processor):
        super().__init__()
        self.model, self.processor = model, processor
        if model.config.image_token_index is None:
            model.config.image_token_index = processor.tokenizer.convert_tokens_to_ids("<image>")

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
            self.pixel_values(keyframes),
            max_new_tokens=MAX_NEW_TOKENS,
            do_sample=False,
            num_beams=1,
            logits_processor=ONLY_NUMBERS,
        )
        return [s.strip() for s in self.processor.batch_decode(tokens, skip_special_tokens=True)]

    def pixel_values(self, keyframes: Tensor) -> Tensor:
        """Resize and normalise as BLIP-2 was trained: pixels (B, 3, h, w)."""
        return self.moved(
            self.processor.image_processor(keyframes, do_rescale=False, return_tensors="pt")["pixel_values"]
        )


class _PassTokens(nn.Module):
    """In the place of GIT's image encoder: tokens pass as they are, led by their mean where there is no CLS token."""

    def __init__(self, n_tokens: int):
        """n_tokens : with the CLS token."""
        super().__init__()
        self.n_tokens = n_tokens

    def forward(self, pixel_values: Tensor, **_) -> BaseModelOutput:
        tokens = pixel_values[:, 0]  # (B, n_tokens, clip_dim), or one token less
        lead = tokens.mean(1, keepdim=True)[:, : self.n_tokens - tokens.shape[1]]
        return BaseModelOutput(last_hidden_state=torch.cat([lead, tokens], 1))


class GitFromTokens(GitForCausalLM):
    """GIT whose image features are CLIP tokens; its vision config only says how many there are and how wide."""

    def __init__(self, config):
        super().__init__(config)
        vision = config.vision_config
        self.git.image_encoder = _PassTokens((vision.image_size // vision.patch_size) ** 2 + 1)


class GitCaptioner(Frozen):
    """A frozen GIT that reads the image tokens decoded from the brain and never sees the keyframe."""

    max_new_tokens = MAX_NEW_TOKENS

    def __init__(self, model: GitFromTokens, tokenizer: PreTrainedTokenizerBase):
        super().__init__()
        self.model, self.tokenizer = model, tokenizer

    @classmethod
    def from_pretrained(
        cls, source: str | Path, *needs: nn.Module, subfolder=None, revision=None, dtype: torch.dtype = torch.float32
    ) -> Self:
        """From a folder, or a hub repository."""
        more = {"subfolder": subfolder or "", "revision": revision}
        model = whole(GitFromTokens, source, dtype=dtype, **more)
        return cls(model, AutoTokenizer.from_pretrained(source, **more), *needs).eval().requires_grad_(False)

    @torch.no_grad()
    def __call__(self, keyframes: Tensor | None, image_tokens: Tensor) -> list[str]:
        """Image tokens (B, n_tokens, clip_dim) to B sentences; keyframes are not looked at."""
        start = torch.full((len(image_tokens), 1), self.model.config.bos_token_id, device=self.device)
        tokens = self.model.generate(
            input_ids=start,
            pixel_values=self._features(image_tokens)[:, None],
            max_new_tokens=self.max_new_tokens,
            do_sample=False,
            logits_processor=ONLY_NUMBERS,
        )
        return [s.strip() for s in self.tokenizer.batch_decode(tokens, skip_special_tokens=True)]

    def _features(self, image_tokens: Tensor) -> Tensor:
        """Image tokens (B, n_tokens, clip_dim) as GIT reads them."""
        return self.moved(image_tokens)


class TokenConverter(Frozen):
    """Image tokens of ViT-bigG-14 to those of ViT-L-14 with its CLS token, which GIT was trained on (MindEye2)."""

    def __init__(self, n_tokens: int, n_converted: int, clip_dim: int, converted_dim: int):
        super().__init__()
        self.linear1, self.linear2 = nn.Linear(n_tokens, n_converted), nn.Linear(clip_dim, converted_dim)

    @classmethod
    def from_pretrained(
        cls, source: str | Path, *, subfolder=None, revision=None, dtype: torch.dtype = torch.float32
    ) -> TokenConverter:
        """From a folder with the released file. Raises InputError for a file of other tensors."""
        path = Path(source, subfolder or "", CONVERTER)
        saved = read_saved(path)
        state = saved.get("model_state_dict") if isinstance(saved, dict) else None
        if not isinstance(state, dict) or set(state) != {f"linear{i}.{x}" for i in (1, 2) for x in ("weight", "bias")}:
            got = ", ".join(list(map(str, state or saved))[:4]) if isinstance(saved, dict) else type(saved).__name__
            raise InputError(f"{path}: got {got}, expected model_state_dict with linear1 and linear2: fetch it again")
        with naming(path, "a converter of tokens"):
            (n_converted, n_tokens), (converted_dim, clip_dim) = (state[f"linear{i}.weight"].shape for i in (1, 2))
            converter = cls(n_tokens, n_converted, clip_dim, converted_dim)
            converter.load_state_dict(state)
        return converter.to(dtype).eval().requires_grad_(False)

    @torch.no_grad()
    def forward(self, image_tokens: Tensor) -> Tensor:
        """(B, n_tokens, clip_dim) to (B, n_converted, converted_dim)."""
        longer = self.linear1(self.moved(image_tokens).transpose(1, 2))  # (B, clip_dim, n_converted)
        return self.linear2(longer.transpose(1, 2))


class ConvertedGitCaptioner(GitCaptioner):
    """The released GIT of the paper's ablation, behind a converter, for sentences of at most 20 words and marks.

    The released code counts the mark of the beginning among the 20.
    """

    max_new_tokens = MAX_NEW_TOKENS - 1

    def __init__(self, model: GitFromTokens, tokenizer: PreTrainedTokenizerBase, converter: TokenConverter):
        super().__init__(model, tokenizer)
        self.converter = converter

    def _features(self, image_tokens: Tensor) -> Tensor:
        return self.moved(self.converter(image_tokens))

"""The word-level tokenizer of the demo zoo, made from every sentence that the simulated films can say."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from neuroclips.simulation.vocabulary import OBJECTS, caption
from neuroclips.types import SMOOTH_PROMPT

FRAMINGS = ("", "a photo of ", "a close up of ", "a video of ")


def sentences() -> list[str]:
    """Every caption of every class, plus the words around it."""
    every = [caption(o.name, s, m) for o in OBJECTS.values() for s in o.scenes for m in o.motions]
    every.append(caption("dog", "field", "walk", "cat"))  # the words of a companion
    return [SMOOTH_PROMPT, *FRAMINGS, *every]


def distinct(sentences: Iterable[str]) -> tuple[list[str], Tensor]:
    """The different sentences, and which of them each one is, (n,): so each need be read only once."""
    row: dict[str, int] = {}
    which = [row.setdefault(sentence, len(row)) for sentence in sentences]
    return list(row), torch.tensor(which)


def build_tokenizer(context_length: int = 20) -> PreTrainedTokenizerFast:
    """One id per word; <eos> has the highest id because open_clip pools at the largest one."""
    words = sorted({word for line in sentences() for word in line.split()})
    vocabulary = {w: i for i, w in enumerate(["<pad>", "<bos>", "<unk>", "<image>", *words, "<eos>"])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<bos> $A <eos>", special_tokens=[(t, vocabulary[t]) for t in ("<bos>", "<eos>")]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=context_length,
        pad_token="<pad>",
        bos_token="<bos>",
        eos_token="<eos>",
        unk_token="<unk>",
    )

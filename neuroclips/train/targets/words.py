"""The word-level tokenizer of the demo zoo, made from every sentence that the simulated films can say."""

from __future__ import annotations

from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from neuroclips.config import SMOOTH_PROMPT
from neuroclips.simulation.vocabulary import OBJECTS, caption

FRAMINGS = ("", "a photo of ", "a close up of ", "a video of ")


def sentences() -> list[str]:
    """Every caption of every class, plus the words around it."""
    every = [caption(o.name, s, m) for o in OBJECTS.values() for s in o.scenes for m in o.motions]
    every.append(caption("dog", "field", "walk", "cat"))  # the words of a companion
    return [SMOOTH_PROMPT, *FRAMINGS, *every]


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

"""A tokenizer and an image processor made here, for models with random weights, which no words mean anything to."""

from __future__ import annotations

from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import Blip2Processor, BlipImageProcessor, PreTrainedTokenizerFast

UNKNOWN, PAD = "<unk>", "<pad>"


def tokenizer(n_words: int, length: int) -> PreTrainedTokenizerFast:
    """Word i of `n_words` is "wi"; sentences are padded, or cut, to `length` where that is asked for."""
    vocabulary = {UNKNOWN: 0, PAD: 1} | {f"w{i}": i for i in range(2, n_words)}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=words, unk_token=UNKNOWN, pad_token=PAD, model_max_length=length, padding_side="right"
    )


def blip2_processor(n_words: int, size: int) -> Blip2Processor:
    """Pictures resized to `size` and normalised, and words of numbers."""
    images = BlipImageProcessor(size={"height": size, "width": size})
    return Blip2Processor(images, tokenizer(n_words, 512))

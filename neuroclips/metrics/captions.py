"""How alike sentences are to reference captions, by common words (CIDEr-D), and to pictures, by CLIP (CLIPScore)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from math import exp, log, sqrt

import numpy as np

from neuroclips.errors import InputError
from neuroclips.metrics.likeness import unit

LONGEST, SIGMA = 4, 6.0  # words of an n-gram; spread of what lengths may differ by [words], as in the paper
Ngram = tuple[str, ...]


def cider(sentences: Sequence[str], references: Sequence[Sequence[str]]) -> np.ndarray:
    """CIDEr-D (n,) in [0, 10] of n sentences, each against the captions of the same film (Vedantam et al. 2015).

    Cosines of n-gram counts of 1 to 4 words, weighed by how few films have them in their references, clipped to the
    counts of the reference, less for another length; the mean over n-gram lengths and references, times 10. Words that
    all films share say nothing: a single film scores 0. Raises InputError where a sentence has no reference.
    """
    if len(sentences) != len(references) or not all(references):
        raise InputError(
            f"got {len(sentences)} sentences and references of {len(references)} films, expected one or more captions "
            "for each sentence"
        )
    counted = [[_ngrams(caption) for caption in captions] for captions in references]
    films_with = Counter(ngram for captions in counted for ngram in set().union(*captions))
    rarity = {ngram: log(len(references) / n) for ngram, n in films_with.items()}
    most = log(len(references))  # of an n-gram in no reference
    return np.array(
        [
            np.mean([_consensus(_ngrams(sentence), caption, rarity, most) for caption in captions])
            for sentence, captions in zip(sentences, counted, strict=True)
        ]
    )


def clip_score(images: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """CLIPScore (n,) in [0, 2.5] of embeddings (n, D) of pictures and of sentences: 2.5 max(cosine, 0) (Hessel et al.
    2021, section 3). Of two sentences' embeddings it is their likeness on the same scale."""
    return 2.5 * np.maximum((unit(images) * unit(texts)).sum(-1), 0)


def words(sentence: str) -> list[str]:
    """Lower-case words, without punctuation."""
    return re.findall(r"[a-z0-9]+(?:'[a-z]+)?", sentence.lower())


def _ngrams(sentence: str) -> Counter[Ngram]:
    said = words(sentence)
    return Counter(tuple(said[i : i + n]) for n in range(1, LONGEST + 1) for i in range(len(said) - n + 1))


def _consensus(said: Counter[Ngram], caption: Counter[Ngram], rarity: dict[Ngram, float], most: float) -> float:
    """10 times the mean over n of the clipped cosine of two counts, less for a difference in length."""
    shorter = sum(said[gram] for gram in said if len(gram) == 1) - sum(caption[g] for g in caption if len(g) == 1)
    penalty = exp(-(shorter**2) / (2 * SIGMA**2))
    return 10 * penalty * sum(_cosine(said, caption, rarity, most, n) for n in range(1, LONGEST + 1)) / LONGEST


def _cosine(said: Counter[Ngram], caption: Counter[Ngram], rarity: dict[Ngram, float], most: float, n: int) -> float:
    one, other = (
        {gram: count * rarity.get(gram, most) for gram, count in counts.items() if len(gram) == n}
        for counts in (said, caption)
    )
    lengths = sqrt(sum(w * w for w in one.values()) * sum(w * w for w in other.values()))
    common = sum(min(weight, other[gram]) * other[gram] for gram, weight in one.items() if gram in other)
    return common / lengths if lengths else 0.0

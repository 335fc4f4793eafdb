"""Which neighbouring keyframes show the same class of object: what is decided here is decided from keyframes alone."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from neuroclips.errors import InputError
from neuroclips.reconstructors.fusion import FusionClassifier
from neuroclips.turns import device_of, turn


class Embedder(Protocol):
    """The CLIP whose space the fusion classifier was trained in (neuroclips/pretrained/clip.py)."""

    def image_tokens(self, pixels: Tensor) -> Tensor: ...

    def projected_mean(self, tokens: Tensor) -> Tensor: ...


@torch.no_grad()
def same_class(keyframes: Tensor, clip: Embedder, classifier: FusionClassifier) -> list[float]:
    """Of keyframes (n, 3, H, W) in [0, 1], in the order of their clips: how probable it is for each of the n - 1 pairs
    of next ones that both show the same class (paper, section 3.4).

    Raises InputError for a classifier of another CLIP.
    """
    if len(keyframes) < 2:
        return []
    seen = torch.cat([clip.projected_mean(clip.image_tokens(one[None])) for one in keyframes])  # (n, embed_dim)
    if seen.shape[1] != (width := classifier.config.embed_dim):
        raise InputError(
            f"got keyframes of {seen.shape[1]} CLIP numbers, expected {width}, those of the fusion classifier: train "
            "it in this zoo (train --stage fusion)"
        )
    with turn(classifier):
        seen = seen.to(device_of(classifier), next(classifier.parameters()).dtype)
        return classifier(seen[:-1], seen[1:]).float().sigmoid().tolist()

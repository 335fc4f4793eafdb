"""Train the demo image model on, on what reconstructors really decode: --stage zoo-keyframes-decoded.

A third of the batches is of training films as they are decoded from simulated brains, most of it on the way from the
first blurry frame, as keyframes are drawn: a model that never saw such a start takes what is missing in it for missing
in the picture. The rest is as in zoo-keyframes, so that it stays the image model under the motion adapter.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from neuroclips.train.demo_zoo.from_brains import decoded_films, first_boxes, first_latents
from neuroclips.train.demo_zoo.guided import FROM_BLURRY, any_noise, noise_from_blurry
from neuroclips.train.demo_zoo.keyframes import RECIPE, KeyframeJob
from neuroclips.train.engine import draws
from neuroclips.train.spec import RECIPE as RECIPE_OPTIONS
from neuroclips.train.spec import StageSpec
from neuroclips.train.targets.latents import object_weights
from neuroclips.zoo import Zoo


class DecodedKeyframeJob(KeyframeJob):
    """Go on from a keyframe model, with decoded training films of all subjects among the batches."""

    kinds = ("words", "web", "brains")

    def __init__(self, zoo: Zoo, out: Path, start: Path, n: int | None = None):
        super().__init__(zoo, out, start, n)
        films = decoded_films(zoo)
        clean, boxes = first_latents(zoo, films["clips"]), first_boxes(films["clips"])
        weights = object_weights(boxes, clean.shape[-1])[:, None]  # (n, 1, h, w)
        brains = {"tokens": films["tokens"], "first": films["first"], "latents": clean, "weights": weights}
        self.tensors = {**self.tensors, **{f"brain {name}": value for name, value in brains.items()}}

    def draw(self, kind: str, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """As KeyframeJob does; three of four batches of brains begin at the first blurry frame (equation 5)."""
        if kind != "brains":
            return super().draw(kind, n, generator)
        tokens, first, latents, weights = (
            self.tensors[f"brain {x}"] for x in ("tokens", "first", "latents", "weights")
        )
        chosen = draws.indices(len(tokens), n, generator, self.device)
        which = draws.indices(tokens.shape[1], n, generator, self.device)
        clean = latents[chosen]
        if torch.rand(1, generator=generator).item() < FROM_BLURRY:
            noise, t = noise_from_blurry(self.scheduler, clean, first[chosen], generator, 0.0)
        else:
            noise, t = any_noise(self.scheduler, clean, generator)
        return clean, tokens[chosen, which], weights[chosen], noise, t


STAGE = StageSpec(
    "zoo-keyframes-decoded",
    lambda given: DecodedKeyframeJob(given.zoo, given.out, given.start or given.zoo.part("keyframes").folder),
    {"demo": RECIPE},
    role="keyframes",
    needs=("clip", "text encoder", "codec", "keyframes"),
    options=("start", *RECIPE_OPTIONS),
    large_batch=768,
)

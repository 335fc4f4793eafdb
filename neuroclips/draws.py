"""Several keyframes of a sample, of which the one is kept that says most nearly what was decoded.

A keyframe model does not always draw what its tokens tell. Which of its pictures does so is seen without the truth:
the CLIP tokens of each are compared with those that were decoded from the brain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from neuroclips.noise import seeded
from neuroclips.pretrained.base import KeyframeGenerator, OnStep
from neuroclips.types import Settings

STEP = 4  # of the route, whose noise is drawn here


@dataclass(frozen=True)
class Draws:
    """What keyframes of B samples are drawn from.

    clip : gives the CLIP that sees them, when there is more than one draw of a sample
    clips : numbers of the samples' clips, which with the seed decide the noise
    tokens : (n_draws, B, n_tokens, clip_dim), decoded image tokens, whose mean is what the keyframes should show
    first_frames : (B, 3, H, W) in [0, 1], the first blurry frames, or None
    mean_token : (n_tokens, clip_dim), of the training films
    """

    model: KeyframeGenerator
    clip: Callable[[], Any]
    settings: Settings
    clips: Sequence[int]
    tokens: Tensor
    first_frames: Tensor | None
    mean_token: Tensor
    report: OnStep

    def nearest(self) -> tuple[Tensor, list[tuple[float, ...]]]:
        """Keyframes (B, 3, H, W) of the greatest likeness, and of each sample the likeness of all that were drawn.

        Below 1, `keyframe_near` is the likeness at which a first draw is kept; for the other samples all further draws
        are one batch. At 1, which none reaches, all draws are. Of a single draw no likeness is asked for.
        """
        (n_draws, n), near = self.tokens.shape[:2], self.settings.keyframe_near
        rows, found = torch.arange(n), torch.full((n_draws, n), torch.nan)
        if n_draws == 1:
            return self._drawn(torch.zeros_like(rows), rows), [()] * n
        kept = self._round(found, range(1 if near < 1 else n_draws), rows)
        unsure = rows[~(found[0] >= near)]
        if near < 1 and len(unsure):
            more = self._round(found, range(1, n_draws), unsure)
            better = found[1:, unsure].amax(0) > found[0, unsure]
            kept[unsure[better]] = more[better]
        return kept, [tuple(column[~column.isnan()].tolist()) for column in found.T]

    def _round(self, found: Tensor, draws: range, rows: Tensor) -> Tensor:
        """The likest keyframe (k, 3, H, W) of each of `rows` (k,) among some draws, whose likenesses go to `found`."""
        numbers, samples = (x.flatten() for x in torch.meshgrid(torch.tensor(draws), rows, indexing="ij"))
        drawn = self._drawn(numbers, samples)
        found[numbers, samples] = self._likeness(drawn, samples).cpu()
        best = found[draws.start : draws.stop, rows].argmax(0)  # (k,)
        return drawn.unflatten(0, (len(draws), len(rows)))[best, torch.arange(len(rows))]

    def _drawn(self, draws: Tensor, rows: Tensor) -> Tensor:
        """Keyframes (k, 3, H, W) of numbered draws (k,) of numbered samples (k,)."""
        pairs, n_draws = list(zip(draws.tolist(), rows.tolist(), strict=True)), len(self.tokens)
        begun, share = pairs[0][0] / n_draws, (pairs[-1][0] - pairs[0][0] + 1) / n_draws
        clips = [(self.clips[row], draw) for draw, row in pairs]
        return self.model(
            self.tokens[draws, rows],
            None if self.first_frames is None else self.first_frames[rows],
            start=self.settings.keyframe_start,
            num_inference_steps=self.settings.keyframe_steps,
            guidance_scale=self.settings.keyframe_guidance,
            generators=[seeded(self.settings.seed, clip, STEP, draw) for clip, draw in clips],
            solver=self.settings.keyframe_solver,
            on_step=lambda fraction, look: self.report(begun + share * fraction, look),
        )

    def _likeness(self, keyframes: Tensor, rows: Tensor) -> Tensor:
        """Cosine (k,) of the tokens of keyframes (k, 3, H, W) and the decoded ones, both less the mean token."""
        told = self.tokens.mean(0)[rows].to(keyframes.device)
        mean, seen = self.mean_token.to(keyframes.device), self.clip().image_tokens(keyframes).to(keyframes.device)
        return F.cosine_similarity((seen - mean).flatten(1), (told - mean).flatten(1))

"""A film against the truths of its stretch of film: how often does another clip's fit it as well as its own?

The stretch is the minute of neighbouring clips that evaluations shift truths in (permutation.py). Truths are shifted in
a circle, all films of one stretch together and each stretch by its own number of places, 0 among them. Of one film that
is the rank of its own truth; of thirty truths no p is below 1/30. The truth is met after a film is made, never before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import isnan, prod

import numpy as np
from torch import Tensor

from neuroclips.data.base import FmriDataset
from neuroclips.evaluation.brain_share import METRICS
from neuroclips.evaluation.permutation import PERMUTATIONS, ROUNDING
from neuroclips.evaluation.tokens import runs_of
from neuroclips.metrics.features import Features
from neuroclips.metrics.judges import Judges
from neuroclips.metrics.report import LIVE
from neuroclips.metrics.score import score
from neuroclips.metrics.see import see


@dataclass(frozen=True)
class Against:
    """Scores of one film, by metric (m,), against the m truths of its stretch, of which number `own` is its own."""

    stretch: int
    own: int
    scores: Mapping[str, np.ndarray]

    @property
    def n(self) -> int:
        return len(next(iter(self.scores.values())))


def against(video: Tensor, data: FmriDataset, clip: int, judges: Judges) -> Against:
    """A film (n, 3, H, W) of a clip against every truth of its stretch; its own scores are those of metrics.report."""
    stretches = runs_of(data)[1]
    clips = np.flatnonzero(stretches == stretches[clip])
    truths = _truths(data, tuple(clips.tolist()), data.info.frames_per_clip or len(video), judges)  # type: ignore[arg-type]
    height, width = truths.frames.shape[-2:]
    film = see([video.float()], LIVE, judges, (height, width))
    found = score(film[np.zeros(len(clips), int)], truths, LIVE)
    own = int(np.flatnonzero(clips == clip)[0])
    return Against(int(stretches[clip]), own, {name: found[name] for name in METRICS if name in found})


@lru_cache(maxsize=2)
def _truths(data: FmriDataset, clips: tuple[int, ...], n_frames: int, judges: Judges) -> Features:
    """True films as judges see them; drawing and judging thirty takes seconds, so the last two stretches are kept."""
    films = [data.stimulus(clip, n_frames) for clip in clips]
    return see(films, LIVE, judges)


def p_of(found: Sequence[Against], metric: str, seed: int = 0, n: int = PERMUTATIONS) -> float:
    """p of the mean score of one or more films against their own truths, among shifts of the truths of each stretch.

    Every combination of shifts is looked at where there are at most n, else n are drawn, to which the true one is
    added. NaN where a film has no score.
    """
    sums = [_shifted([of for of in found if of.stretch == one], metric) for one in sorted({of.stretch for of in found})]
    own = sum(float(of[0]) for of in sums)
    if isnan(own):
        return own
    near = ROUNDING * max(1.0, abs(own)) if np.isfinite(own) else 0.0
    if prod(map(len, sums)) <= n:
        return float(np.mean([sum(one) >= own - near for one in product(*sums)]))
    random = np.random.default_rng(seed)
    drawn = np.sum([of[random.integers(len(of), size=n)] for of in sums], axis=0)
    return float((1 + (drawn >= own - near).sum()) / (1 + n))


def _shifted(found: Sequence[Against], metric: str) -> np.ndarray:
    """Sums (m,) of the scores of films of one stretch, when its truths are shifted by 0, 1, ... m - 1 places."""
    return np.sum([np.roll(of.scores[metric], -of.own) for of in found], axis=0)

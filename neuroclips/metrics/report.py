"""All scores of one reconstruction, next to those of a flat-colour frame, which knows nothing but the mean colour."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from neuroclips.metrics.features import Features
from neuroclips.metrics.judges import Judges
from neuroclips.metrics.pixel import flat_frames
from neuroclips.metrics.protocols import PROTOCOLS
from neuroclips.metrics.score import score
from neuroclips.metrics.scores import ABOUT, ScoredBeside, Scores
from neuroclips.metrics.see import see

LIVE = replace(PROTOCOLS["paper"], metrics=tuple(ABOUT))  # the few scores that a result has


def evaluate(video: Tensor, truth: Tensor, judges: Judges) -> Scores:
    """Scores of a video (n, 3, H, W) against the true frames (m, 3, h, w) of the same 2 s, each at a rate of its own.

    Six frames of each, those nearest in time to 3 fps, are all that any judge or score sees, the video judge included.
    Frames of another size than the true ones are brought to theirs: those of the protocol "paper".
    """
    return _scores(_seen(video, truth, judges), _seen(truth, truth, judges))


def floor(truth: Tensor, judges: Judges) -> Scores:
    """The same scores for a flat frame of the truth's mean colour."""
    return evaluate(flat_frames(truth), truth, judges)


def beside_floor(video: Tensor, truth: Tensor, judges: Judges) -> ScoredBeside:
    """The scores of a video and of a flat frame against the same true frames; shapes are those of `evaluate`."""
    true = _seen(truth, truth, judges)
    return ScoredBeside(
        *(_scores(_seen(film, truth, judges), true) for film in (video, flat_frames(truth))),
    )


def _seen(film: Tensor, truth: Tensor, judges: Judges) -> Features:
    height, width = truth.shape[-2:]
    return see([film.float()], LIVE, judges, (height, width))


def _scores(film: Features, true: Features) -> Scores:
    return Scores(**{name: value.item() for name, value in score(film, true, LIVE).items()})

"""A few films and their truths to scores: each against its own truth, against every other, and two floors beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from neuroclips.evaluation.every_pair import Pairwise, without_pixels
from neuroclips.evaluation.permutation import score_pairs
from neuroclips.metrics.features import Features
from neuroclips.metrics.frames import N_SCORED
from neuroclips.metrics.judges import Judges
from neuroclips.metrics.pixel import flat_frame
from neuroclips.metrics.protocols import Protocol
from neuroclips.metrics.registry import METRICS
from neuroclips.metrics.score import served
from neuroclips.metrics.see import JUDGED, see

FLOORS = (
    "flat",
    "frozen",
)  # one flat colour, the mean of the true film; the first scored frame of the film, all the time
TILE = 10  # films, and truths, whose windowed means are in memory together
Kinds = dict[str, Features]  # "films", "truths" and FLOORS


@dataclass(frozen=True)
class Part:
    """Of n films: by metrics that no judge is asked for, scores (n,) of the films and of FLOORS, and matrices (n, n).

    seen : what judges said, for metrics that are computed when all parts are there; frames are but a pixel.
    """

    scores: dict[str, dict[str, np.ndarray]]  # "films" and FLOORS: metric: scores
    matrices: dict[str, np.ndarray]
    seen: Kinds


def sized(film: np.ndarray, protocol: Protocol, size: tuple[int, int]) -> np.ndarray:
    """The six moments of a film, uint8 (6, 3, H, W), at the size at which a protocol scores them."""
    every = replace(protocol, metrics=(), moments=tuple(range(N_SCORED)), film_frames=None)
    return see([film], every, size=size).frames[0]


def score_part(
    films: Sequence[np.ndarray], truths: Sequence[np.ndarray], protocol: Protocol, judges: Judges | None
) -> Part:
    """Of films and truths, uint8 (6, 3, H, W) each, of one size."""
    seen = {"films": see(films, protocol, judges), "truths": see(truths, protocol, judges, true=True)}
    seen["flat"] = _still([flat_frame(truth) for truth in truths], protocol, judges, seen["truths"])
    seen["frozen"] = _still([film[:1] for film in films], protocol, judges, seen["truths"])
    n, names = len(films), [name for name in served(seen["films"], protocol) if METRICS[name].needs not in JUDGED]
    pairs = {kind: Pairwise(seen[kind], seen["truths"], protocol, names) for kind in ("films", *FLOORS)}
    every = score_pairs(pairs["films"], np.zeros(n, int), TILE)
    matrices = {name: matrix for name, (matrix,) in every.items()}
    by_kind = {"films": {name: matrix.diagonal() for name, matrix in matrices.items()}}
    by_kind |= {kind: _own(pairs[kind], n) for kind in FLOORS}
    return Part(by_kind, matrices, {kind: _said(one) for kind, one in seen.items()})


def _own(pairs: Pairwise, n: int) -> dict[str, np.ndarray]:
    """Scores (n,) of films against their own truths, a few at a time."""
    few = [np.arange(first, min(first + TILE, n)) for first in range(0, n, TILE)]
    found = [pairs(rows, rows) for rows in few]
    return {name: np.concatenate([scores[name] for scores in found]) for name in found[0]}


def joined_kinds(parts: Sequence[Part]) -> Kinds:
    """What judges said of all films of several parts."""
    return {kind: _joined([part.seen[kind] for part in parts]) for kind in parts[0].seen}


def _still(frames: Sequence[np.ndarray], protocol: Protocol, judges: Judges | None, like: Features) -> Features:
    """Films of one frame (1, 3, H, W) each. They have neither flow nor motion energy, which is not computed for it."""
    judged = replace(protocol, metrics=tuple(name for name in protocol.metrics if METRICS[name].needs in JUDGED))
    films = [np.repeat(frame, N_SCORED, axis=0) for frame in frames]
    moving = {"flow": like.flow, "energy": like.energy}
    unmoved = {name: np.zeros_like(values) for name, values in moving.items() if values is not None}
    return replace(see(films, judged, judges), **unmoved)


def _said(seen: Features) -> Features:
    return replace(without_pixels(seen), flow=None, energy=None)


def _joined(several: Sequence[Features]) -> Features:
    """Features of all films of several."""
    there = [name for name, values in vars(several[0]).items() if values is not None]
    return Features(**{name: np.concatenate([getattr(seen, name) for seen in several]) for name in there})

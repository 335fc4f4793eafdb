"""Which clips become one film: neighbours in time that show the same class, up to a length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

SAME = 0.5  # probability above which two keyframes count as of one class
APART = "not neighbours in one run"


@dataclass(frozen=True)
class Boundary:
    """Between two clips that follow each other in a list: how probable one class is, whether they join, and why."""

    former: int
    later: int
    probability: float
    joined: bool
    why: str

    @property
    def decision(self) -> str:
        return "same class" if self.probability > SAME else "other class"


def boundaries(
    clips: Sequence[int], probabilities: Sequence[float], follows: Callable[[int, int], bool], longest: int
) -> list[Boundary]:
    """What becomes of each of the n - 1 boundaries of n clips, of which the first begins a film.

    follows : whether the second of two clips was seen right after the first, in the same run. longest : most clips of
    one film.
    """
    made, length = [], 1
    for (former, later), probability in zip(pairwise(clips), probabilities, strict=True):
        same = probability > SAME
        near, room = follows(former, later), length < longest
        joined = near and same and room
        why = APART if not near else "other class" if not same else "same class" if room else f"{longest} clips long"
        length = length + 1 if joined else 1
        made.append(Boundary(former, later, probability, joined, why))
    return made


def groups(n_clips: int, decided: Sequence[Boundary]) -> list[range]:
    """The places in the list of the clips of each film, in order."""
    apart = (place for place, boundary in enumerate(decided, 1) if not boundary.joined)
    return [range(first, end) for first, end in pairwise([0, *apart, n_clips] if n_clips else [])]

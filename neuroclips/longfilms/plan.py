"""Which clips become one film: neighbours in time that show the same class, up to a length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from neuroclips.preprocessing.layout import TR
from neuroclips.ranges import Checked, Range

Join = Literal["both", "head", "tail"]
SAME = 0.5  # probability above which two keyframes count as of one class


@dataclass(frozen=True)
class LongFilms(Checked):
    """How long films are made; the defaults were chosen on validation films (docs/results.md, "Long films").

    longest : clips of 2 s that one film has at most; the paper's are three.
    join : "head": the later film begins with the last frame of the former one, as the paper says; "tail": the former
        film ends with the keyframe of the later clip; "both".
    lead : video frames of the later film over which its blurry video takes over from the former film's last frame;
        without a head it has no effect.
    """

    longest: Annotated[int, Range(1, 10_000)] = 3
    join: Join = "both"
    lead: Annotated[int, Range(0, 1000)] = 4

    @property
    def has_head(self) -> bool:
        return self.join in ("head", "both")

    @property
    def has_tail(self) -> bool:
        return self.join in ("tail", "both")


@dataclass(frozen=True)
class Boundary:
    """Between two clips that follow each other in a list: how probable one class is, whether they join, and why."""

    former: int
    later: int
    probability: float
    joined: bool
    why: str

    @property
    def same_class(self) -> bool:
        return self.probability > SAME


def boundaries(
    clips: Sequence[int], probabilities: Sequence[float], follows: Callable[[int, int], bool], longest: int
) -> list[Boundary]:
    """What becomes of each of the n - 1 boundaries of n clips.

    follows : whether the second of two clips was seen right after the first, in the same run.
    """
    made, length = [], 1
    for former, later, probability in zip(clips, clips[1:], probabilities, strict=True):
        why = _why_apart(former, later, probability, follows, length, longest)
        length = 1 if why else length + 1
        made.append(Boundary(former, later, probability, not why, why or "same class"))
    return made


def _why_apart(former: int, later: int, probability: float, follows, length: int, longest: int) -> str:
    """Why two clips do not join, or nothing."""
    if not follows(former, later):
        return "not neighbours in one run"
    if not probability > SAME:
        return "other class"
    return f"film is {longest * TR:g} s long" if length >= longest else ""


def groups(clips: Sequence[int], decided: Sequence[Boundary]) -> list[list[int]]:
    """The places in the list of the clips of each film, in order."""
    films = [[0]] if clips else []
    for place, boundary in enumerate(decided, 1):
        if boundary.joined:
            films[-1].append(place)
        else:
            films.append([place])
    return films

"""The numbers and models of a reconstruction that a visitor can choose, each a field of Settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from neuroclips.types import Settings, Solver
from neuroclips.ui.inputs import number, one_of, whole
from neuroclips.zoo import Zoo


@dataclass(frozen=True)
class Choice:
    """A field of Settings: one of `options`, or a number from low to high."""

    field: str
    label: str
    low: float = 0.0
    high: float = 1.0
    step: float = 0.05
    options: tuple[str, ...] = ()

    def taken(self, settings: Settings, value: object) -> object:
        """What was sent, as the type of the field. Raises InputError for what is no such option or number."""
        name = self.field.replace("_", " ")
        if self.options:
            return one_of(name, value, self.options)
        if isinstance(getattr(settings, self.field), int):
            return whole(name, value, int(self.low), int(self.high))
        return number(name, value, self.low, self.high)


def choices(zoo: Zoo) -> tuple[Choice, ...]:
    """All of them but guidances and seed, in the order in which they stand on the page; video steps come first."""
    solvers = get_args(Solver)
    return (
        Choice("video_steps", "Video steps", 1, 50, 1),
        Choice("video_start", "Video start (share of the schedule)", 0.05),
        Choice("video_guidance", "Video guidance", 0, 15, 0.5),
        Choice("video_solver", "Video solver", options=solvers),
        Choice("theta", "Theta (equation 5)", 0, 0.95),
        Choice("keyframe_steps", "Keyframe steps", 1, 50, 1),
        Choice("keyframe_start", "Keyframe start (share)", 0.05),
        Choice("keyframe_guidance", "Keyframe guidance", 0, 15, 0.5),
        Choice("keyframe_solver", "Keyframe solver", options=solvers),
        Choice("prior_steps", "Prior steps", 2, 100, 1),
        Choice("prior_samples", "Prior samples (their mean)", 1, 32, 1),
        Choice("keyframe_draws", "Keyframe draws (the likest is kept)", 1, 16, 1),
        Choice("captioner", "Captioner", options=zoo.captioners),
    )

"""The numbers, models and words of a reconstruction that a visitor can choose, each a field of Settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from neuroclips.commands import OPTIONS
from neuroclips.ranges import hints_of
from neuroclips.types import Settings, Solver
from neuroclips.ui.inputs import line, number, one_of, whole
from neuroclips.zoo import Zoo

LONGEST = 200  # characters of words of one's own


@dataclass(frozen=True)
class Choice:
    """A field of Settings: one of `options`, a line of up to `longest` characters, or a number from low to high."""

    field: str
    label: str
    low: float = 0.0
    high: float = 1.0
    step: float = 0.05
    options: tuple[str, ...] = ()
    longest: int = 0

    @property
    def typed(self) -> str:
        """How it is given on the command line."""
        return OPTIONS.get(self.field, f"--set {self.field}")

    def taken(self, settings: Settings, value: object) -> object:
        """What was sent, as the type of the field; no words are those of the settings.

        Raises InputError for what is no such option, line or number.
        """
        name = self.field.replace("_", " ")
        if self.longest:
            return line(name, value, self.longest) or getattr(settings, self.field)
        if self.options:
            return one_of(name, value, self.options)
        if isinstance(getattr(settings, self.field), int):
            return whole(name, value, int(self.low), int(self.high))
        return number(name, value, self.low, self.high)


def choices(zoo: Zoo) -> tuple[Choice, ...]:
    """All of them but guidances and seed, in the order in which they stand on the page; video steps come first."""
    solvers, modes = get_args(Solver), zoo.alpha_modes
    return (
        Choice("video_steps", "Video steps", 1, 50, 1),
        Choice("video_start", "Video start (share of the schedule)", 0.05),
        Choice("video_guidance", "Video guidance", 0, 15, 0.5),
        Choice("video_solver", "Video solver", options=solvers),
        Choice("theta", "Theta (equation 5)", 0, 0.95),
        *([Choice("alpha_mode", "Alpha mode (equation 5)", options=modes)] if len(modes) > 1 else ()),
        Choice("keyframe_steps", "Keyframe steps", 1, 50, 1),
        Choice("keyframe_start", "Keyframe start, “strength” (share)", 0.05),
        Choice("keyframe_from", "Keyframe begins from", options=get_args(hints_of(Settings)["keyframe_from"])),
        Choice("keyframe_guidance", "Keyframe guidance", 0, 15, 0.5),
        Choice("keyframe_solver", "Keyframe solver", options=solvers),
        Choice("prior_steps", "Prior steps", 2, 100, 1),
        Choice("prior_samples", "Prior samples (their mean)", 1, 32, 1),
        Choice("keyframe_draws", "Keyframe draws (the likest is kept)", 1, 16, 1),
        Choice("captioner", "Captioner", options=zoo.captioners),
        Choice("prompt", "Your own words", longest=LONGEST),
        Choice("negative_prompt", "Negative prompt", longest=LONGEST),
    )

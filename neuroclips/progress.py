"""How far a reconstruction is, how long its steps take, and that each gives numbers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from neuroclips.errors import InputError
from neuroclips.types import Stage, Step

OnProgress = Callable[[Stage], None]


def rows_of(values: Tensor | list | None, n: int) -> list:
    """One for each sample, on the CPU."""
    if values is None:
        return [None] * n
    return list(values.float().cpu()) if isinstance(values, Tensor) else values


def expect_numbers(step: Step, values: Tensor | list | None) -> None:
    """Raise InputError that names the step, unless all that it gave is finite."""
    if isinstance(values, Tensor) and not torch.isfinite(values).all():
        raise InputError(
            f"{step}: got values that are not numbers (NaN or infinite), expected finite ones: "
            "look at the sample, the weights of this step, its settings and its precision"
        )


class Clock:
    """Times the steps, looks at what they gave and tells `on_progress` about them."""

    def __init__(self, on_progress: OnProgress | None, n_samples: int, previews: bool = False):
        self.on_progress, self.n_samples = on_progress or (lambda stage: None), n_samples
        self.previews = previews and on_progress is not None
        self.seconds: dict[Step, float] = {}  # of a step, each sample's share

    @contextmanager
    def step(self, name: Step) -> Iterator[Running]:
        running = Running(name, self.on_progress, self.previews)
        running.report(0.0)
        yield running
        made = running.results
        if isinstance(made, Tensor) and made.device.type != "cpu":
            torch.accelerator.synchronize(made.device)  # else the next step would pay for this one
        expect_numbers(name, running.results)
        seconds = time.perf_counter() - running.started
        self.seconds[name] = round(seconds / self.n_samples, 4)
        results = None if running.results is None else rows_of(running.results, self.n_samples)
        self.on_progress(Stage(name, 1.0, seconds, results, running.recalled))


class Running:
    """A step that is being taken."""

    def __init__(self, step: Step, on_progress: OnProgress, previews: bool = False):
        self.step, self.on_progress, self.previews = step, on_progress, previews
        self.results: Tensor | list | None = None  # one row for each sample
        self.recalled = False  # whether it gave what it gave before
        self.started = time.perf_counter()

    def report(self, fraction: float, look: Callable[[], Tensor] | None = None) -> None:
        """Tell how far the step is, and what it looks like if that was asked for; 1.0 is told when it has ended."""
        if fraction < 1:
            preview = look().float().cpu() if look and self.previews else None
            expect_numbers(self.step, preview)
            seconds = time.perf_counter() - self.started
            self.on_progress(Stage(self.step, fraction, seconds, preview=preview))

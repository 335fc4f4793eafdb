"""How long all cores need for a web film, told by a few: for a run whose time is given."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence

from neuroclips import parallel


def seconds_each(*kinds: tuple[Callable, Sequence]) -> list[float]:
    """Of every kind, which is what draws and some numbers to draw, the time of one number [s], by all cores together.

    Numbers are drawn twice: while the processes start nothing can be told.
    """
    with parallel.workers(os.cpu_count() or 1) as run:
        for draw, numbers in kinds:
            list(run(draw, numbers))
        return [_timed(run, draw, numbers) / len(numbers) for draw, numbers in kinds]


def _timed(run: Callable, draw: Callable, numbers: Sequence) -> float:
    begun = time.monotonic()
    for _ in run(draw, numbers):
        pass
    return time.monotonic() - begun

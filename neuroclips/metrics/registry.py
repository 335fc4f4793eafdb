"""Every metric: what it is, its range, direction, chance and judge, and the function that computes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neuroclips.metrics.scores import About

if TYPE_CHECKING:
    import numpy as np

    from neuroclips.metrics.features import Features
    from neuroclips.metrics.protocols import Protocol

Compute = Callable[["Features", "Features", "Protocol"], "np.ndarray"]  # films, their truths, how: scores (n,)


@dataclass(frozen=True)
class Metric:
    """about : label, meaning, unit, range, direction, judge. compute : "module:function", a `Compute`.

    level : the column group of the paper's table 1. blind : whether it never looks at the truth, so that clips shuffled
    against each other score the same.
    """

    about: About
    compute: str
    level: str  # "pixel", "semantic", "spatiotemporal"
    blind: bool = False


METRICS: dict[str, Metric] = {}

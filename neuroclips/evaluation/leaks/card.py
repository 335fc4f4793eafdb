"""All rows of the leak card, computed from what is on this machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import chain

from neuroclips.data.registry import load_dataset
from neuroclips.evaluation.leaks import films, fmri, models, words
from neuroclips.evaluation.leaks.check import Check

CHECKS: tuple[Callable[[Sequence[int]], list[Check]], ...] = (
    films.checks,
    fmri.checks,
    words.checks,
    models.checks,
)


def card(subjects: Sequence[int] | None = None) -> list[dict]:
    """Rows {"check", "passed", "found"} about the simulated films, subjects (None: all that ship) and the demo zoo.

    Middle frames of all films are rendered the first time: a minute or two on two cores.
    """
    subjects = tuple(load_dataset().info.n_voxels) if subjects is None else tuple(subjects)
    return [asdict(row) for row in chain.from_iterable(check(subjects) for check in CHECKS)]

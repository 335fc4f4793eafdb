"""How much of a run is over, by its steps or by the clock, and the learning rate that belongs there."""

from __future__ import annotations

from typing import Any

import torch
from torch.optim.lr_scheduler import OneCycleLR

from neuroclips.train.engine.recipe import Recipe

TICKS = 10_000  # places of the learning rate in a run by the clock, whose steps nobody knows before


def one_cycle(optimizer: torch.optim.Optimizer, recipe: Recipe, n_steps: int, done: int = 0) -> OneCycleLR:
    """The learning rate over `n_steps`, where it is after `done` of them: rate and length may be those of a new recipe.

    Torch writes the rates of the recipe into the optimiser only for a schedule that begins, so that one is made first.
    """
    warm_up = recipe.warm_up
    if warm_up * (n_steps + 1) == 1:  # torch divides by the length of a rise that ends where it begins
        warm_up *= 1 - 1e-9
    numbers: dict[str, Any] = {"total_steps": n_steps + 1, "pct_start": warm_up, "final_div_factor": 1000}
    begun = OneCycleLR(optimizer, recipe.learning_rate, **numbers)
    if not done:
        return begun
    return OneCycleLR(optimizer, recipe.learning_rate, **numbers, last_epoch=min(done, n_steps) - 1)


class Pace:
    """Where a run of a recipe is after `step` steps and `elapsed` seconds [s]; `rate` is the learning rate there.

    n_steps : of the run, 0 when its end is told by the clock.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, recipe: Recipe, n_samples: int, step=0, elapsed=0.0):
        self.seconds, self.n_steps = recipe.seconds, recipe.n_steps(n_samples)
        self.ticks = self.n_steps or TICKS
        self.share = self._share(step, elapsed)
        self._schedule = one_cycle(optimizer, recipe, self.ticks, round(self.share * self.ticks))

    @property
    def rate(self) -> float:
        return float(self._schedule.get_last_lr()[0])

    def reach(self, step: int, elapsed: float) -> None:
        """Take the learning rate to where the run is now."""
        self.share = self._share(step, elapsed)
        while self._schedule.last_epoch < round(self.share * self.ticks):
            self._schedule.step()

    def _share(self, step: int, elapsed: float) -> float:
        """Share of the run that is over, 1 at its end."""
        return min(1.0, elapsed / self.seconds if self.seconds else step / self.n_steps)

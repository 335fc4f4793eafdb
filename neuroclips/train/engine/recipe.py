"""The numbers of one training run, and what is drawn at each of its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

import torch
from torch import Tensor

from neuroclips.errors import InputError
from neuroclips.ranges import Checked, Count, Positive, Range, TorchSeed

LENGTHS = ("steps", "epochs", "seconds")  # a recipe has one of them


@dataclass(frozen=True)
class Recipe(Checked):
    """AdamW under a OneCycle schedule (paper, appendix A): `steps`, `epochs` over the training clips, or `seconds` [s].

    warm_up is the share of the run in which the learning rate rises. ema (decay of averaged weights) and clip_grad are
    ours: the paper's code has neither. accumulate : batches per step, each of batch_size / accumulate, over which
    contrasts do not reach. save_every is in seconds [s], validate_every in steps.
    """

    learning_rate: Annotated[float, Range(above=0, most=10)]
    batch_size: Annotated[int, Range(1, 2**20)]
    steps: Count | None = None
    epochs: Count | None = None
    seconds: Positive | None = None
    weight_decay: Annotated[float, Range(0, 10)] = 0.01
    warm_up: Annotated[float, Range(above=0, below=1)] = 0.05
    ema: Annotated[float, Range(0, below=1)] = 0.998
    clip_grad: Positive | None = 1.0
    accumulate: Annotated[int, Range(1, 2**20)] = 1
    mixed_precision: Literal["no", "bf16", "fp16"] = "no"
    save_every: Annotated[float, Range(0)] = 120.0
    validate_every: Count = 100
    seed: TorchSeed = 0

    def __post_init__(self):
        super().__post_init__()
        given = [name for name in LENGTHS if getattr(self, name) is not None]
        if len(given) != 1:
            got = " and ".join(f"{name} {getattr(self, name)}" for name in given or LENGTHS)
            raise InputError(f"got {got}, expected one of them: give --steps, --epochs or --seconds")
        if self.batch_size % self.accumulate:
            raise InputError(
                f"got batch size {self.batch_size} in {self.accumulate} parts, expected a multiple of them: change "
                "--batch-size or --accumulate"
            )

    def changed(self, changes: Mapping[str, Any]) -> Recipe:
        """A copy with other numbers, of which steps, epochs and seconds take the place of each other."""
        return replace(self, **one_length({name: value for name, value in changes.items() if value is not None}))

    def n_steps(self, n_samples: int) -> int:
        """Optimiser steps; 0 for a run by the clock."""
        if self.epochs is None:
            return self.steps or 0
        return self.epochs * max(1, n_samples // self.batch_size)


@dataclass(frozen=True)
class Solved(Recipe):
    """Of weights that are solved for at once: no step is taken, so that its numbers mean nothing."""

    learning_rate: float = 0.0
    batch_size: int = 1
    steps: int | None = 0


@dataclass(frozen=True)
class Turn:
    """What one batch is drawn with: alike on every process, of which each keeps its own rows.

    `generator` is the same everywhere, `local_generator` another one on every process.
    """

    step: int
    size: int  # of the batch, over all processes
    rank: int = 0
    n_processes: int = 1
    seed: int = 0
    share: float = 0.0  # of the run that is over
    generator: torch.Generator = field(init=False)
    local_generator: torch.Generator = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "generator", generator(self.seed))
        object.__setattr__(self, "local_generator", generator(self.seed + 7_919 * self.rank))

    @property
    def local_size(self) -> int:
        return self.size // self.n_processes

    def mine(self, rows: Tensor) -> Tensor:
        """Every n-th of the rows that all processes have drawn."""
        return rows[self.rank :: self.n_processes]

    def noise(self, rows: Tensor, shape: tuple[int, ...]) -> Tensor:
        """Standard normal noise (len(rows), *shape) that depends on the row's number alone, not on the process."""
        seeds = [self.seed * 1_000_003 + int(row) for row in rows]
        return torch.stack([torch.randn(shape, generator=generator(s)) for s in seeds])


def one_length(changes: Mapping[str, Any], within: str = "") -> dict[str, Any]:
    """Changes of a recipe in which steps, epochs and seconds take the place of each other; `within` leads to it."""
    lengths = {f"{within}{name}" for name in LENGTHS}
    return {**(dict.fromkeys(lengths) if lengths & changes.keys() else {}), **changes}


def generator(seed: int) -> torch.Generator:
    """A generator on the CPU, whatever the size of the seed; torch takes 64 bits."""
    return torch.Generator().manual_seed(seed % 2**64)

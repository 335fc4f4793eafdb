"""The numbers of one training run, and what is drawn at each of its steps."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from neuroclips.errors import InputError


@dataclass(frozen=True)
class Recipe:
    """AdamW under a OneCycle schedule (paper, appendix A), for `steps`, or for `epochs` over the training clips.

    warm_up is the share of steps in which the learning rate rises. ema (decay of averaged weights) and clip_grad are
    ours: the paper's code has neither. accumulate : batches per step, each of batch_size / accumulate, over which
    contrasts do not reach. save_every is in seconds [s], validate_every in steps.
    """

    learning_rate: float
    batch_size: int
    steps: int | None = None
    epochs: int | None = None
    weight_decay: float = 0.01
    warm_up: float = 0.05
    ema: float = 0.998
    clip_grad: float | None = 1.0
    accumulate: int = 1
    mixed_precision: str = "no"  # or "bf16", "fp16"
    save_every: float = 120.0
    validate_every: int = 100
    seed: int = 0

    def n_steps(self, n_samples: int) -> int:
        """Optimiser steps. Raises InputError when neither steps nor epochs say how many."""
        if self.steps:
            return self.steps
        if self.epochs is None:
            raise InputError("got neither steps nor epochs, expected one of them: add --epochs 30")
        return self.epochs * max(1, n_samples // self.batch_size)


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
    generator: torch.Generator = field(init=False)
    local_generator: torch.Generator = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "generator", torch.Generator().manual_seed(self.seed))
        object.__setattr__(self, "local_generator", torch.Generator().manual_seed(self.seed + 7_919 * self.rank))

    @property
    def local_size(self) -> int:
        return self.size // self.n_processes

    def mine(self, rows: Tensor) -> Tensor:
        """Every n-th of the rows that all processes have drawn."""
        return rows[self.rank :: self.n_processes]

    def noise(self, rows: Tensor, shape: tuple[int, ...]) -> Tensor:
        """Standard normal noise (len(rows), *shape) that depends on the row's number alone, not on the process."""
        seeds = [self.seed * 1_000_003 + int(row) for row in rows]
        return torch.stack([torch.randn(shape, generator=torch.Generator().manual_seed(s)) for s in seeds])

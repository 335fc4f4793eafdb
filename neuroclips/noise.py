"""Noise that belongs to a sample: drawn on the CPU from a generator of its own, whatever the device and neighbours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

Generators = Sequence[torch.Generator]  # one for each sample of a batch, on the CPU


def seeded(*numbers: int) -> torch.Generator:
    """A generator known by numbers, such as a seed, a clip and a step: other numbers, other noise."""
    (mixed,) = np.random.SeedSequence(numbers).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(mixed) >> 1)


def randn(shape: tuple[int, ...], generators: Generators) -> Tensor:
    """Gaussian noise (B, *shape), each sample's from its own generator."""
    return torch.stack([torch.randn(shape, generator=generator) for generator in generators])


def draws_like(rows: Tensor, generators: Generators) -> Tensor:
    """Noise like rows (n_draws * B, ...), in which the B samples follow each other, draw after draw."""
    shape = (len(rows) // len(generators), *rows.shape[1:])
    return randn(shape, generators).transpose(0, 1).reshape(rows.shape).to(rows)

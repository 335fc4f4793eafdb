"""Random draws of a step: from a generator on the CPU, so that they are the same on any device, and moved to it."""

from __future__ import annotations

import torch
from torch import Tensor


def indices(n: int, size: int, generator: torch.Generator, device: torch.device) -> Tensor:
    """`size` random numbers below `n`, (size,)."""
    return torch.randint(n, (size,), generator=generator).to(device)


def uniform(shape: tuple[int, ...], generator: torch.Generator, device: torch.device) -> Tensor:
    """Numbers between 0 and 1."""
    return torch.rand(shape, generator=generator).to(device)


def noise_like(values: Tensor, generator: torch.Generator) -> Tensor:
    """Standard normal noise of the shape of `values`, where they are."""
    return torch.randn(values.shape, generator=generator).to(values.device)

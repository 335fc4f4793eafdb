"""One batch over several processes: contrasts need all of its rows."""

from __future__ import annotations

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.nn.functional import all_gather


def gather(rows: Tensor) -> Tensor:
    """The rows (b, ...) of every process in the order in which `Turn.mine` dealt them out, (B, ...).

    Gradients flow back to the process that each row came from.
    """
    if not (dist.is_available() and dist.is_initialized()):
        return rows
    parts = all_gather(rows) if rows.requires_grad else _gather_constant(rows)
    return torch.stack(tuple(parts), 1).flatten(0, 1)  # (b, n_processes, ...) to (B, ...)


def _gather_constant(rows: Tensor) -> list[Tensor]:
    parts = [torch.empty_like(rows) for _ in range(dist.get_world_size())]
    dist.all_gather(parts, rows.contiguous())
    return parts

"""Processes that `accelerate launch` or torchrun started: each takes its own portion, the first tells the result."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from itertools import chain

from neuroclips.testsets.asked import ClipSet, Portion
from neuroclips.testsets.making import Made, make

PATIENCE = timedelta(days=7)  # for the slowest of the processes


def make_together(order: ClipSet, portion: Portion) -> Made | None:
    """`making.make` by all processes of this launch; what they made comes from the first, None from the others.

    All wait for the last: a launcher ends its processes when one ends with a fault.
    """
    if int(os.environ.get("WORLD_SIZE", 1)) == 1:
        return make(order, portion)
    import torch
    from accelerate import PartialState
    from accelerate.utils import gather_object

    on_cpu = not torch.accelerator.is_available() or order.request.device == "cpu"
    state = PartialState(cpu=on_cpu, backend="gloo", timeout=PATIENCE)
    device = "cpu" if on_cpu else order.request.device or str(state.device)  # of accelerate, a CPU has a number
    here = replace(order, request=replace(order.request, device=device))
    done = make(here, portion.split(state.process_index, state.num_processes))
    parts: list[Made] = gather_object([done])
    first = state.is_main_process
    state.destroy_process_group()
    return _together(parts) if first else None


def _together(parts: list[Made]) -> Made:
    failed = dict(sorted(chain.from_iterable(part.failed.items() for part in parts)))
    return Made(sorted(sum((p.made for p in parts), [])), sorted(sum((p.kept for p in parts), [])), failed)

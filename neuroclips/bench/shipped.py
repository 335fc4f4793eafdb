"""How long each step of a live reconstruction takes on this machine: python -m neuroclips bench."""

from __future__ import annotations

from statistics import median
from typing import Annotated

import torch

from neuroclips.data.simulated import N_SHIPPED
from neuroclips.ranges import Range, expect
from neuroclips.run import reconstruct
from neuroclips.types import Request, Settings


def seconds_per_step(n_clips: int = 5, subject: int = 1, settings: Settings | None = None) -> dict[str, float]:
    """Median seconds of every step and of all together, over shipped clips, after one clip that loads the models.

    The time includes neither loading nor scoring. Raises InputError for more clips than are shipped.
    """
    expect("clips", n_clips, Annotated[int, Range(1, N_SHIPPED - 1)])
    requests = [Request(subject, clip, settings) for clip in range(n_clips + 1)]
    runs = [reconstruct(request).reconstruction.seconds for request in requests][1:]
    table = {str(step): round(median(run[step] for run in runs), 3) for step in runs[0]}
    return {**table, "in all": round(median(sum(run.values()) for run in runs), 2)}


def machine() -> str:
    """What the seconds were measured on."""
    return f"{torch.get_num_threads()} threads, {torch.backends.cpu.get_cpu_capability()}, torch {torch.__version__}"

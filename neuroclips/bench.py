"""How long each step of a live reconstruction takes on this machine: python -m neuroclips bench."""

from __future__ import annotations

from statistics import median

import torch

from neuroclips.errors import InputError
from neuroclips.run import reconstruct
from neuroclips.types import Request, Settings


def seconds_per_step(n_clips: int = 5, subject: int = 1, settings: Settings | None = None) -> dict[str, float]:
    """Median seconds of every step and of all together, over shipped clips, after one clip that loads the models.

    The time includes neither loading nor scoring. Raises InputError for less than one clip.
    """
    if n_clips < 1:
        raise InputError(f"got {n_clips} clips, expected 1 or more")
    requests = [Request(subject, clip, settings) for clip in range(n_clips + 1)]
    runs = [reconstruct(request).reconstruction.seconds for request in requests][1:]
    table = {str(step): round(median(run[step] for run in runs), 3) for step in runs[0]}
    return {**table, "in all": round(median(sum(run.values()) for run in runs), 2)}


def machine() -> str:
    """What the seconds were measured on."""
    return f"{torch.get_num_threads()} threads, {torch.backends.cpu.get_cpu_capability()}, torch {torch.__version__}"

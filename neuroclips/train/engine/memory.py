"""Name the lack of memory before the operating system ends the process for it."""

from __future__ import annotations

import psutil
import torch

from neuroclips.errors import TooLargeError

BYTES_PER_WEIGHT = 16  # the weight, its gradient and AdamW's two moments, float32


def refuse_too_large(n_weights: int, bytes_per_weight: int = BYTES_PER_WEIGHT) -> None:
    """Raises TooLargeError when so many weights do not fit into the memory that is free, on an accelerator if any."""
    free = torch.cuda.mem_get_info()[0] if torch.cuda.is_available() else psutil.virtual_memory().available
    if n_weights * bytes_per_weight > free:
        raise TooLargeError(
            f"got {n_weights / 1e6:,.0f} million weights to train, which need {n_weights * bytes_per_weight / 1e9:.0f} "
            f"GB, expected no more than {free / 1e9:.0f} GB, which are free: use --zoo demo, or another machine"
        )

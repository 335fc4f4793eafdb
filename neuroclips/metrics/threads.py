"""Work on films in threads: OpenCV and numpy let go of Python's lock while they compute."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count

import numpy as np

TOGETHER = 4  # films that one thread takes at a time


def in_threads(task: Callable[[slice], np.ndarray], n: int) -> np.ndarray:
    """What `task` makes of every few of n rows, joined in order."""
    parts = [slice(start, min(start + TOGETHER, n)) for start in range(0, n, TOGETHER)]
    with ThreadPoolExecutor(min(8, cpu_count() or 1)) as pool:
        return np.concatenate(list(pool.map(task, parts)))

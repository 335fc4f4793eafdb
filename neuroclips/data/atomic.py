"""Files that are either whole or not there: written under another name, then renamed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path to write to; it takes the place of `path` when the block ends well and is removed when it fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".part-{path.name}")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def save_array(path: Path, array: np.ndarray) -> None:
    with whole_file(path) as partial, partial.open("wb") as file:
        np.save(file, array)


def save_arrays(path: Path, **arrays: np.ndarray) -> None:
    with whole_file(path) as partial, partial.open("wb") as file:
        np.savez(file, **arrays)

"""Files of the cache folder: what is missing or damaged is made again."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from neuroclips.errors import InputError, TooLargeError
from neuroclips.files import one_at_a_time

Content = TypeVar("Content")


def kept_file(path: Path, make: Callable[[], object], read: Callable[[Path], Content]) -> Content:
    """What `read` gives of `path`, which `make` writes where `read` raises InputError.

    It is made once, when processes that train together all ask for it. Beside the file stays an empty one, its lock.
    """
    if (found := _read(path, read)) is None:
        with one_at_a_time(path.parent, f".{path.name}.lock"):
            if (found := _read(path, read)) is None:
                make()
                found = read(path)
    return found


def _read(path: Path, read: Callable[[Path], Content]) -> Content | None:
    if not path.exists():
        return None
    try:
        return read(path)
    except TooLargeError:  # says nothing about the file
        raise
    except InputError as error:
        if not path.is_file():
            raise
        warnings.warn(f"{error}; it is made anew", stacklevel=3)
        return None

"""Files that are either whole or not there, and folders that one process at a time writes to."""

from __future__ import annotations

import errno
import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from neuroclips.errors import InputError


def expect_folder(path: Path) -> Path:
    """`path`, where a folder is or could be made; makes nothing. Raises InputError where a file is in the way."""
    path = Path(path)
    there = next(place for place in (path, *path.absolute().parents) if place.exists())
    if not there.is_dir():
        raise InputError(f"{path}: got a file at {there}, expected a folder: choose another name")
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError(f"{path}: got no permission to write in {there}, expected it: choose another folder")
    return path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path to write to; it takes the place of `path` when the block ends well and is removed when it fails.

    Raises OSError that names `path` where the disk did not take it, whatever the writing library made of that.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".part-{os.getpid()}-{path.name}")
    try:
        yield partial
        partial.replace(path)
    except Exception as error:
        code = _code_of(error)
        if code is None:
            raise
        raise OSError(code, os.strerror(code), str(path)) from error
    finally:
        partial.unlink(missing_ok=True)


def _code_of(error: Exception) -> int | None:
    """The system's code for why nothing more could be written, None for an error of another kind.

    torch hides it behind its own error, safetensors in the words of its own, and numpy counts what was written.
    """
    found = error if isinstance(error, OSError) else error.__context__
    if isinstance(error, InputError) or getattr(found, "filename", None):  # it says itself what it is about
        return None
    if isinstance(found, OSError):
        return found.errno or (errno.ENOSPC if re.search(r"requested and \d+ written", str(found)) else None)
    said = re.search(r"\(os error (\d+)\)", str(error))
    return int(said[1]) if said else None


def save_array(path: Path, array: np.ndarray) -> None:
    with whole_file(path) as partial, partial.open("wb") as file:
        np.save(file, array)


def save_arrays(path: Path, **arrays: np.ndarray) -> None:
    with whole_file(path) as partial, partial.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


@contextmanager
def one_at_a_time(folder: Path, name: str = ".lock") -> Iterator[None]:
    """Wait until no other process holds the lock `name` of `folder`; a process that dies lets go of it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

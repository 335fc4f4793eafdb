"""What the disk does not take is told with the name of the file or folder, before the work or when it happens."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from neuroclips.errors import InputError


def expect_folder(path: Path) -> Path:
    """`path`, where a folder is or could be made; makes nothing. Raises InputError where a file is in the way."""
    path = Path(path)
    there = _there(path)
    if not there.is_dir():
        raise InputError(f"{path}: got a file at {there}, expected a folder: choose another name")
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError(f"{path}: got no permission to write in {there}, expected it: choose another folder")
    return path


def _there(path: Path) -> Path:
    """The first of a path and its parents that exists. Raises InputError where there is not even a drive."""
    there = next((place for place in (path, *path.absolute().parents) if place.exists()), None)
    if there is None:
        raise InputError(f"{path}: got a drive that is not there, expected a folder on another one")
    return there


def free_bytes(path: Path) -> int:
    """What is free on the disk where a path is, or would be."""
    return shutil.disk_usage(_there(path)).free


def expect_free(path: Path, n_bytes: int, do: str) -> None:
    """Raises InputError, with what to `do`, where the disk of a path that may not exist yet has less free."""
    if (free := free_bytes(path)) < n_bytes:
        raise InputError(f"{path}: got {free / 1e9:.1f} GB of free disk, expected {n_bytes / 1e9:.1f} GB: {do}")


def expect_room(path: Path, n_bytes: int, do: str = "choose another folder") -> Path:
    """`path`, a folder that is made where there is none and that takes a file of n_bytes, which does not stay.

    Raises InputError, with what to `do`, where a file is in the way, nothing may be written or the disk is full.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path) as probe:
            probe.write(bytes(n_bytes))
            probe.flush()
    except OSError as error:
        said = error.strerror or error
        raise InputError(f"{path}: got {said}, expected a folder with room for {n_bytes:,} bytes: {do}") from error
    return path


@contextmanager
def naming_the_disk(path: Path) -> Iterator[None]:
    """What the disk did not take is raised as OSError that names `path`, whatever the writing library made of it."""
    try:
        yield
    except Exception as error:
        code = _code_of(error)
        if code is None:
            raise
        raise OSError(code, os.strerror(code), str(path)) from error


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

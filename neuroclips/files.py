"""Files that are either whole or not there, and folders that one process at a time writes to."""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
import re
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from secrets import token_hex
from typing import Any

import numpy as np
import psutil
from filelock import FileLock

from neuroclips.disk import naming_the_disk
from neuroclips.paths import cache_dir

DIGITS = 4  # of scores and seconds in tables
NOT_FINITE = ("NaN", "Infinity", "-Infinity")
PIDS = Path("/proc/self/ns/pid")  # containers on one machine each count their processes by themselves
# in the names of unfinished files: which machine's (and on Linux, which container's) process writes them
HERE = re.sub(r"\W+", "_", platform.node() + (os.readlink(PIDS) if PIDS.exists() else ""))


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path to write to; it takes the place of `path` when the block ends well and is removed when it fails.

    What is written must be closed by then: Windows moves no file that is open. Raises OSError that names `path`.
    """
    partial = unfinished(path.parent, path.name)
    try:
        with naming_the_disk(path):
            yield partial
            partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def whole_files(folder: Path, last: str, gone: Collection[str] = ()) -> Iterator[Path]:
    """An empty folder to write to; its files take their places in `folder` together when the block ends well.

    `last` is the file that tells what the others are: it leaves first and comes last, so that who finds it finds what
    it tells of. Before the others come, files of an earlier time whose names match `gone` leave, too.
    """
    partial = unfinished(folder, "files")
    partial.mkdir()
    try:
        with naming_the_disk(folder):
            yield partial
            with one_at_a_time(cache_dir("locks"), _lock_of(folder)):
                _swap(partial, folder, last, gone)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _lock_of(folder: Path) -> str:
    """The name of a lock that folders of results need not hold; it keeps two writers of this user apart."""
    return f"{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}.lock"


def _swap(new: Path, folder: Path, last: str, gone: Collection[str]) -> None:
    (folder / last).unlink(missing_ok=True)
    for old in {path for pattern in gone for path in folder.glob(pattern)}:
        old.unlink(missing_ok=True)
    for path in sorted(new.iterdir(), key=lambda path: path.name == last):
        path.replace(folder / path.name)


@contextmanager
def whole_folders(folder: Path, names: Sequence[str]) -> Iterator[Path]:
    """An empty folder to write to; its folders `names` take their places in `folder` when the block ends well.

    They do so in this order, each of them whole, for one of the same name that was there before.
    """
    partial = unfinished(folder, "folders")
    partial.mkdir()
    try:
        with naming_the_disk(folder):
            yield partial
            for name in names:
                if (folder / name).exists():
                    (folder / name).replace(partial / f"earlier-{name}")
                (partial / name).replace(folder / name)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def unfinished(folder: Path, name: str) -> Path:
    """A path of its own beside `name`, with its suffix; it says which process writes there."""
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    return folder / f".part-{HERE}-{os.getpid()}-{token_hex(4)}-{name}"


@lru_cache(1024)
def _sweep(folder: Path) -> None:
    """Remove what processes of this machine that are no more left unfinished in `folder`."""
    for path in folder.glob(f".part-{HERE}-*"):
        pid = path.name.removeprefix(f".part-{HERE}-").partition("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            with suppress(OSError):  # of another user
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def to_json(value: object, indent: int | None = None) -> str:
    """As JSON, which has no numbers that are not finite: they become what float() takes back, such as "Infinity"."""
    return json.dumps(_finite(value), indent=indent, allow_nan=False)


def _finite(value):
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    return [_finite(inner) for inner in value] if isinstance(value, list | tuple) else value


def rounded(value):
    """Numbers in objects of JSON with the digits that tables keep, so that they change little when made anew."""
    if isinstance(value, dict):
        return {name: rounded(inner) for name, inner in value.items()}
    return round(value, DIGITS) if isinstance(value, float) else value


def from_json(text: str | bytes) -> Any:
    """What is in JSON, where words such as "Infinity" are the numbers that `to_json` wrote so."""
    return json.loads(text, object_hook=numbers)


def numbers(inner: dict) -> dict:
    """An object of JSON with numbers for the words that `to_json` writes where they are not finite."""
    return {name: float(value) if value in NOT_FINITE else value for name, value in inner.items()}


def write_json(path: Path, value: object) -> None:
    """Write `to_json(value)`, whole."""
    with whole_file(path) as partial:
        partial.write_text(to_json(value, indent=1), encoding="utf-8")


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
    with FileLock(folder / name):
        yield

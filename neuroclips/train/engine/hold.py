"""A run folder is for one training at a time, so that logs and checkpoints are those of one run."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from neuroclips.errors import InputError
from neuroclips.files import write_json
from neuroclips.reading import read_json

LOCK, HOLDER = ".lock", "holder.json"
PATIENCE = 1.0  # [s]: who only looks whether it is free holds it for an instant


@contextmanager
def held(run_dir: Path) -> Iterator[None]:
    """Hold `run_dir` while the block runs; of processes that train together, the first holds it for all.

    The lock is the system's: a process that dies lets go of it. Raises InputError that says who holds it.
    """
    if _follows():
        yield
        return
    with _locked(run_dir):
        write_json(run_dir / HOLDER, _ourselves())
        try:
            yield
        finally:
            (run_dir / HOLDER).unlink(missing_ok=True)


def refuse_held(run_dir: Path) -> None:
    """Raises InputError when another process holds `run_dir`; makes nothing."""
    if not _follows() and (run_dir / LOCK).exists():
        with _locked(run_dir):
            pass


def _follows() -> bool:
    """Whether torchrun started this process as one of several, and not as their first."""
    return int(os.environ.get("RANK") or 0) > 0


@contextmanager
def _locked(run_dir: Path) -> Iterator[None]:
    run_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(run_dir / LOCK, timeout=PATIENCE)
    try:
        lock.acquire()
    except Timeout:
        raise InputError(
            f"{run_dir}: got a run folder in which {_holder(run_dir)} trains, expected a free one: wait, stop that "
            "process, or pass another --run-dir"
        ) from None
    try:
        yield
    finally:
        lock.release()


def _ourselves() -> dict[str, object]:
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    return {"pid": os.getpid(), "host": platform.node(), "since": since, "command": " ".join(sys.argv)}


def _holder(run_dir: Path) -> str:
    """Who says to hold it; the lock may be a moment older than what it says."""
    try:
        said = read_json(run_dir / HOLDER)
        return f"process {said['pid']} on {said['host']} (since {said['since']}: {said['command']})"
    except (InputError, KeyError):
        return "another process"

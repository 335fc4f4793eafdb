"""What a training run wrote, each file read once for all pages: anew when its time or its size has changed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from neuroclips.train.engine.log import LOG, read_log

OUTPUT = "output.txt"
Stamp = tuple[Path, int, int]  # a file, when it was written [ns], its size [bytes]


def stamp(path: Path) -> Stamp:
    """Another one whenever the file was written; of a file that is not there, as of an empty one."""
    try:
        seen = path.stat()
    except FileNotFoundError:
        return path, 0, 0
    return path, seen.st_mtime_ns, seen.st_size


def log_of(folder: Path) -> list[dict]:
    """Steps and validations logged so far, to be looked at only. Raises InputError as `read_log` does."""
    return _log(stamp(folder / LOG))


def output_of(folder: Path) -> str:
    """What the process printed."""
    return _output(stamp(folder / OUTPUT))


@lru_cache(maxsize=8)
def _log(at: Stamp) -> list[dict]:
    return read_log(at[0].parent)


@lru_cache(maxsize=2)
def _output(at: Stamp) -> str:
    if not at[0].exists():
        return ""
    return at[0].read_text(encoding="utf-8", errors="replace")  # bars are cut within a letter

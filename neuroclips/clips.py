"""Several clips: as they are typed, all, 12-20, "0,5,9", or any of these by commas, and some of them at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from neuroclips.errors import InputError
from neuroclips.ranges import is_number, shown

ALL = "all"
Item = TypeVar("Item")


def in_batches(items: Sequence[Item], size: int) -> Iterator[tuple[Item, ...]]:
    """Items in their order, `size` at a time; the last batch is what is left."""
    for first in range(0, len(items), size):
        yield tuple(items[first : first + size])


def parse_clips(text: str, n_clips: int) -> list[int]:
    """Numbers of clips, in order and each once; both ends of "12-20" belong to it.

    Raises InputError for words that are none, and for clips beyond the last of `n_clips`.
    """
    found = sorted({clip for word in text.split(",") for clip in _clips(word.strip(), n_clips, text)})
    if found[-1] >= n_clips:
        raise InputError(f"got clips {shown(text)}, expected some of 0 to {n_clips - 1}")
    return found


def told_clips(clips: Sequence[int]) -> str:
    """Clips as `parse_clips` reads them: 0-9,12."""
    runs: list[list[int]] = []
    for clip in sorted(clips):
        if runs and clip == runs[-1][1] + 1:
            runs[-1][1] = clip
        else:
            runs.append([clip, clip])
    return ",".join(f"{first}-{last}" if last > first else f"{first}" for first, last in runs)


def _clips(word: str, n_clips: int, text: str) -> range:
    if word == ALL and n_clips:
        return range(n_clips)
    first, dash, last = word.partition("-")
    if not is_number(first) or (dash and not (is_number(last) and int(first) <= int(last))):
        raise InputError(f"got clips {shown(text)}, expected all, FIRST-LAST, or numbers by commas, such as 0,5,12-20")
    return range(int(first), int(last if dash else first) + 1)

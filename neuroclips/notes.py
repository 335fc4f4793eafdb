"""What is odd about a file but no error: a warning, or a note for whoever collects those of this thread.

Catching warnings would catch those of all threads of a server, and so of other visitors.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_COLLECTED: ContextVar[list[str] | None] = ContextVar("notes", default=None)


def note(message: str) -> None:
    """Say `message`: to `collected` around this call, else as a UserWarning of the caller."""
    notes = _COLLECTED.get()
    if notes is None:
        warnings.warn(message, stacklevel=3)
    else:
        notes.append(message)


@contextmanager
def collected() -> Iterator[list[str]]:
    """The notes of this thread while the context is open, in place of warnings."""
    notes: list[str] = []
    token = _COLLECTED.set(notes)
    try:
        yield notes
    finally:
        _COLLECTED.reset(token)

"""What is wrong with the input, as opposed to a fault of ours: the command line tells these alone in one line."""

from __future__ import annotations


class InputError(ValueError):
    """Bad input; the message says what was got, what was expected and what to do."""


class MissingError(InputError, FileNotFoundError):
    """A file or folder that should be there."""


class TooLargeError(InputError, MemoryError):
    """More than fits into memory."""

"""One row of the leak card."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """What was looked for, whether it was well (None where it could not be seen here), and what was found."""

    check: str
    passed: bool | None
    found: str  # one plain sentence, or two, with numbers

"""Options that have an effect only beside others: each is one row of a table, and without effect it is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from neuroclips.errors import InputError


@dataclass(frozen=True)
class Only:
    """`field`, or what lies in it, has an effect only where `holds` is true of all that was chosen.

    `when` says so, and `do` what to do where it is not.
    """

    field: str
    holds: Callable[[Any], Any]
    when: str
    do: str = "leave it out"

    def is_about(self, name: str) -> bool:
        return name == self.field or name.startswith(f"{self.field}.")


def expect_effect(chosen: Any, given: Mapping[str, str], table: Sequence[Only]) -> None:
    """Raises InputError for what was given and changes nothing; given : name of a field -> how it was typed."""
    for name, typed in given.items():
        if row := without_effect(name, chosen, table):
            raise InputError(f"got {typed}, which has an effect only {row.when}: {row.do}")


def without_effect(name: str, chosen: Any, table: Sequence[Only]) -> Only | None:
    """The row by which a field changes nothing, None where it has an effect."""
    return next((row for row in table if row.is_about(name) and not row.holds(chosen)), None)


def flag(name: str) -> str:
    """How an option is typed."""
    return f"--{name.replace('_', '-')}"

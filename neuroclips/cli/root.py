"""The command line itself: python -m neuroclips VERB. Each file beside this one brings some verbs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, get_type_hints

import typer
from typer.core import TyperGroup

from neuroclips.effects import flag
from neuroclips.errors import InputError
from neuroclips.faults import one_line_errors, tracebacks
from neuroclips.parallel import end_with_stdin


class Verbs(TyperGroup):
    """The verbs; no path that is given to one may be empty, for python would take it for the folder one is in."""

    def resolve_command(self, ctx, args):
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None:
            hints = get_type_hints(command.callback)
            refuse_empty(rest, [flag(name) for name, hint in hints.items() if hint in (Path, Path | None)])
        return name, command, rest


@one_line_errors
def refuse_empty(words: Sequence[str], options: Iterable[str]) -> None:
    """Raises InputError for one of the options with nothing, or what no name can hold, as its value."""
    split = [part for word in words for part in (word.split("=", 1) if word.startswith("--") else [word])]
    for option, value in pairwise(split):
        if option in options and (not value.strip() or "\0" in value):
            raise InputError(f"got {option} {value!r}, expected the path of a file or folder: name one")


app = typer.Typer(cls=Verbs, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="before the verb: show where an error comes from")] = False,
) -> None:
    """NeuroClips: reconstruct the film a person was watching from their fMRI."""
    tracebacks.set(debug)
    end_with_stdin()

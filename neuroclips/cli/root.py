"""The command line itself: python -m neuroclips VERB. Each file beside this one brings some verbs."""

from __future__ import annotations

from typing import Annotated

import typer

from neuroclips.faults import tracebacks
from neuroclips.parallel import end_with_stdin

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="before the verb: show where an error comes from")] = False,
) -> None:
    """NeuroClips: reconstruct the film a person was watching from their fMRI."""
    tracebacks.set(debug)
    end_with_stdin()

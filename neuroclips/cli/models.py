"""Verbs about the models of a zoo: doctor, download."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from neuroclips.cli.options import WhichZoo
from neuroclips.cli.root import app
from neuroclips.faults import BAD_INPUT, one_line_errors
from neuroclips.files import to_json


@app.command()
@one_line_errors
def doctor(
    zoo: WhichZoo = "paper",
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Tell which models of a zoo are there, what is still to fetch, and what this machine has for them.

    Ends with 0 when the zoo can reconstruct, with 2 when something is missing; the last line says what to do. Asks no
    network. Example: python -m neuroclips doctor --zoo paper
    """
    from neuroclips.doctor import examine
    from neuroclips.zoo_table import zoo_named

    report = examine(zoo_named(zoo))
    print(to_json(asdict(report), indent=1) if as_json else "\n".join(report.lines()))
    if not report.can_run:
        raise typer.Exit(BAD_INPUT)


@app.command()
@one_line_errors
def download(
    zoo: WhichZoo = "paper",
    role: Annotated[
        list[str] | None, typer.Option(help="only this one and what it needs; can be given again and again")
    ] = None,
    to: Annotated[Path | None, typer.Option(help="folder of models; default: NEUROCLIPS_MODELS, or the cache")] = None,
    keep_checkpoint: Annotated[
        bool, typer.Option("--keep-checkpoint", help="keep a file of which others were made")
    ] = False,
) -> None:
    """Fetch the models of a zoo from the Hugging Face hub, and verify them; started again, it goes on.

    Without --role it fetches what the zoo's own settings need. Example: python -m neuroclips download --zoo paper
    """
    from neuroclips.download import download as fetch
    from neuroclips.zoo_table import zoo_named

    known = zoo_named(zoo)
    fetched = fetch(known, role or known.roles(), to, keep_checkpoint)
    print(f"{len(fetched)} fetched; next: neuroclips doctor --zoo {known.name}")

"""The verb that scores the product's own films: evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neuroclips.cli.options import Device, Reconstructors
from neuroclips.cli.root import app
from neuroclips.cli.tables import OF_EVALUATE
from neuroclips.clips import ALL
from neuroclips.disk import expect_folder
from neuroclips.effects import expect_effect, flag
from neuroclips.errors import InputError
from neuroclips.faults import one_line_errors
from neuroclips.files import to_json
from neuroclips.ranges import Seed, expect, is_number, shown

if TYPE_CHECKING:
    from neuroclips.evaluation.asked import Asked


@app.command()
@one_line_errors
def evaluate(
    subject: Annotated[str, typer.Option(help="whose brains: 1, 1,3 or all")] = "1",
    protocol: Annotated[
        list[str] | None, typer.Option(help="how films are scored; several times for several, or all; default: paper")
    ] = None,
    ablations: Annotated[bool, typer.Option("--ablations", help="also the rows of the paper's table 2")] = False,
    controls: Annotated[
        bool, typer.Option("--controls", help="also controls, every floor, the ceiling and what is from the brain")
    ] = False,
    clips: Annotated[
        str,
        typer.Option(
            help="12-20, 0,5,9 or all; all is thinned: of ablations and ceilings every third, of controls every "
            "twelfth; what is named by numbers is not: 0-299"
        ),
    ] = ALL,
    dataset: Annotated[str, typer.Option(help="whose films there are: simulated, swapped, preprocessed")] = "simulated",
    source: Annotated[Path | None, typer.Option(help="folder of the dataset")] = None,
    zoo: Annotated[str, typer.Option(help="which models, and which judges")] = "demo",
    reconstructors: Reconstructors = None,
    device: Device = None,
    seed: Annotated[int, typer.Option(help="of permutations and intervals")] = 0,
    out: Annotated[Path, typer.Option(help="folder for films that are made, scores and the report")] = Path(
        "outputs/evaluation"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="print scores.json")] = False,
) -> None:
    """Score films between floors and ceiling, each number with its interval; films that are lacking are made first.

    Without options it scores the shipped films of subject 1, beside a flat colour and shuffled clips; every other
    condition, floor and the ceiling then are those of the stored evaluation, where it is of the same models and clips.
    --controls makes them anew, and goes on where it was when it is started again.
    Example: python -m neuroclips evaluate --subject all --ablations --controls --out evaluation
    """
    chosen = {"dataset": dataset, "zoo": zoo}
    expect_effect(chosen, {"controls": flag("controls")} if controls else {}, OF_EVALUATE)
    expect("seed", seed, Seed)
    expect_folder(out)
    from neuroclips.evaluation.films import Whose

    whose = Whose(out, zoo, dataset, source, reconstructors, device)
    asked = _asked(whose, subject, clips, protocol, ablations, controls, seed)
    from neuroclips.evaluation import stored, true_tokens
    from neuroclips.evaluation.conditions import CEILING
    from neuroclips.evaluation.evaluate import evaluate as run
    from neuroclips.evaluation.report.compared import fidelity_clips
    from neuroclips.evaluation.report.write import write
    from neuroclips.evaluation.told import lines
    from neuroclips.zoo import zoo_named

    found = run(asked)
    whole = ablations and controls
    report = found.report if whole else stored.completed(found.report, stored.read())
    stored.write(report, found.tables, out)
    if controls:
        true_tokens.write(zoo_named(zoo), found.pictures.truth, fidelity_clips(report), whose.of(CEILING))
    write(report, out, found.pictures)
    print(to_json(report, indent=1) if as_json else "\n".join([*lines(report), f"files in {out}"]))


def _asked(whose, subject: str, clips: str, protocols: list[str] | None, ablations, controls, seed) -> Asked:
    from neuroclips.clips import parse_clips
    from neuroclips.data.registry import load_dataset
    from neuroclips.evaluation.asked import Asked
    from neuroclips.metrics.protocols import PROTOCOLS, protocol_named

    info = load_dataset(whose.dataset, whose.source).info
    names = tuple(dict.fromkeys(protocols or ["paper"]))
    names = tuple(PROTOCOLS) if "all" in names else tuple(protocol_named(name).name for name in names)
    every = tuple(parse_clips(clips, info.n_clips))
    brains = subjects_of(subject, info.n_voxels)
    return Asked(whose, brains, every, names, ablations, controls, clips.strip() == ALL, seed)


def subjects_of(text: str, known) -> tuple[int, ...]:
    """Numbers of "1,3", or of "all"."""
    if text == "all":
        return tuple(sorted(known))
    words = [word.strip() for word in text.split(",")]
    if not all(map(is_number, words)) or len(set(words)) < len(words):
        raise InputError(f"got subjects {shown(text)}, expected all, or numbers by commas, each once, such as 1,3")
    return tuple(map(int, words))

"""The verb that sends any film through a simulated cortex and decodes it back: loop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neuroclips.cli.root import app
from neuroclips.cli.telling import ProgressBar
from neuroclips.effects import Only, expect_effect, flag
from neuroclips.faults import one_line_errors
from neuroclips.files import to_json
from neuroclips.metrics.scores import read

if TYPE_CHECKING:
    from neuroclips.loop.closed import Closed

OF_LOOP = (Only("repeats", lambda config: config.noise > 0, "with noise", "leave it out, or add noise"),)


@app.command()
@one_line_errors
def loop(
    film: Annotated[Path, typer.Argument(help="MP4, MOV, WebM, MKV, AVI, GIF or WebP of 2 s or more; 10 s are shown")],
    subject: Annotated[int, typer.Option(help="whose simulated cortex, and whose decoder")] = 1,
    noise: Annotated[float, typer.Option(help="times the noise of the simulated subject; 0: none")] = 1.0,
    repeats: Annotated[int | None, typer.Option(help="showings that are averaged, 1 to 10; default: 10")] = None,
    density: Annotated[float, typer.Option(help="share of the voxels that are kept, the others are 0")] = 1.0,
    seed: Annotated[int, typer.Option(help="of the noise, of what is silenced and of the decoder")] = 0,
    shows: Annotated[
        str | None,
        typer.Option(help='what semantic areas are told: "jellyfish, ocean", "nothing"; default: the demo captioner'),
    ] = None,
    out: Annotated[Path, typer.Option(help="folder for films, keyframes, samples and loop.json")] = Path(
        "outputs/loop"
    ),
    device: Annotated[str | None, typer.Option(help="such as cuda:1; default: the best there is")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print loop.json")] = False,
) -> None:
    """Send a film of your own through a simulated cortex, decode what it says, and compare it with the film.

    Everything is simulated but the film. Says so where the film is nothing like those that the models learned from.
    Example: python -m neuroclips loop holiday.mp4 --shows "dog, beach" --noise 0.5 --out outputs/loop
    """
    from neuroclips.data.base import check
    from neuroclips.data.registry import load_dataset
    from neuroclips.disk import expect_folder
    from neuroclips.loop.film import read_film
    from neuroclips.loop.settings import LoopConfig

    config = LoopConfig(subject, noise, 10 if repeats is None else repeats, density, seed, shows)
    expect_effect(config, {} if repeats is None else {"repeats": flag("repeats")}, OF_LOOP)
    check(load_dataset().info, subject)
    expect_folder(out)
    shown = read_film(film)
    if shows is not None:
        from neuroclips.loop.told import parse_shows

        parse_shows(shows, shown.n_clips)
    # imported here: these bring every model library, and what is wrong before should be told at once
    from neuroclips.loop.closed import close
    from neuroclips.loop.save import save

    bar = ProgressBar(quiet=as_json)
    closed = close(shown, config, bar, device)
    bar.close()
    save(out, closed)
    print(to_json(closed.record()) if as_json else "\n".join([*_lines(closed), f"files in {out}"]))


def _lines(closed: Closed) -> list[str]:
    record, config = closed.record(), closed.config
    lines = [
        f"{closed.film.name}: {closed.film.n_clips} clips of 2 s through simulated subject {config.subject}",
        *(f"  {note}" for note in closed.film.notes),
        f"  {record['domain']['sentence']}",
        f"  {record['told_note']}",
    ]
    for clip, (told, part) in enumerate(zip(closed.told, closed.parts, strict=True)):
        lines.append(f"  clip {clip}: told {told}; decoded: {part.caption}")
    found = ", ".join(f"{name} {value:.2f}" for name, value in record["recovery"].items() if value is not None)
    lines.append(f"  measured against noise-free samples, correlation: {found or 'none, a sample does not vary'}")
    scored = read(record["scores"])
    assert scored is not None
    lines.append(f"  {record['label']}")
    for about, value, flat in scored.rows():
        lines.append(f"  {about.title:16} {value:6.3f}   (flat colour {flat:.3f}{about.beside})")
    return lines

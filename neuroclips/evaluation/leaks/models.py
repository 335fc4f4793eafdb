"""What the frozen models learnt from: whether films are among it, and whether judges learnt from what painters did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from neuroclips.evaluation.leaks.check import Check
from neuroclips.evaluation.leaks.films import known_by, splits
from neuroclips.files import save_array
from neuroclips.kept import kept_file
from neuroclips.parts import Zoo
from neuroclips.paths import cache_dir
from neuroclips.reading import read_array, read_json
from neuroclips.simulation.shots import Shot, web_shot
from neuroclips.zoo import zoo_named

SHOTS = "web shots, first and count"  # in training.json
PAINTERS = ("codec", "keyframes", "image model", "video")  # what draws the pictures that are judged
JUDGES = ("frame judge", "frame judge/own shots", "video judge", "clip judge")


def checks(subjects: Sequence[int]) -> list[Check]:
    """Of the demo zoo, whoever watched."""
    zoo = zoo_named()
    numbers = set[int]().union(*(learnt_from(part.folder) for part in zoo.parts if part.kind != "reconstructor"))
    shots = [shot for some in splits().values() for shot in some]
    return [web_shots(sorted(numbers), shots), *(judged_by(zoo, role) for role in JUDGES)]


def learnt_from(folder: Path) -> set[int]:
    """Numbers of the web shots that a model learnt from, with those of the weights that it was started from.

    training.json, which may lie in the folder above, tells them; empty where it tells none.
    """
    record = next((path for path in (folder / "training.json", folder.parent / "training.json") if path.exists()), None)
    told = _told(read_json(record)) if record else ()
    return {number for first, count in told for number in range(first, first + count)}


def _told(card: dict) -> Iterator[tuple[int, int]]:
    if card.get(SHOTS):
        yield card[SHOTS]
    if "started_from" in card:
        yield from _told(card["started_from"])


def judged_by(zoo: Zoo, role: str) -> Check:
    """Whether a judge shares a web shot with the models that paint, or is what brains are decoded into."""
    mine, folder = learnt_from(zoo.part(role).folder), zoo.part(role).folder
    shared = {painter: len(mine & learnt_from(zoo.part(painter).folder)) for painter in PAINTERS}
    told = ", ".join(f"{n:,} with {painter}" for painter, n in shared.items() if n) or "none with what paints"
    target = " It is the CLIP whose tokens are decoded." * (folder == zoo.part("clip").folder)
    passed = not any(shared.values()) and not target if mine else None
    learnt = f"It learnt from {len(mine):,} web shots, {told}" if mine else "Its record tells no web shots"
    return Check(f"The {role} learnt from pictures of its own", passed, f"{learnt}.{target}")


def web_shots(numbers: Sequence[int], shots: Sequence[Shot]) -> Check:
    """Whether one of the web shots `numbers`, that models learnt from, is a shot of a film."""
    films = {shot.seed: known_by(shot) for shot in shots}
    seeds = _seeds(max(numbers) + 1)[list(numbers)]
    alike = [numbers[int(row)] for row in np.flatnonzero(np.isin(seeds, list(films)))]  # of one seed, to be looked at
    shared = sum(known_by(web_shot(number)) == films[web_shot(number).seed] for number in alike)
    found = f"The frozen models learnt from {len(numbers):,} web shots; {shared} of them are shots of a film."
    return Check("The frozen models saw no film", not shared, found)


def _seeds(n: int) -> np.ndarray:
    """The seeds (n,) by which web shots are painted; drawing so many scripts takes half a minute, once."""
    path = cache_dir("evaluation") / f"web_seeds_{n}.npy"
    return kept_file(path, lambda: save_array(path, np.array([web_shot(i).seed for i in range(n)])), read_array)

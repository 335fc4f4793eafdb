"""Leaks of films: shots that two splits share, and frames of a split that look like a training frame."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from neuroclips.evaluation.leaks.check import Check
from neuroclips.evaluation.middles import Middles, middles, nearest
from neuroclips.preprocessing.layout import N_SAMPLES, TR, n_validation
from neuroclips.simulation.shots import FILM_COUNT, Shot, script, shot_at

BITS = 26  # of 256, a tenth: two sights of one picture are nearer, two shots are some 120 bits apart


def checks(subjects: Sequence[int]) -> list[Check]:
    """All, whoever watched."""
    train, first = middles("train"), FILM_COUNT["train"] - n_validation(FILM_COUNT["train"])
    training, validation = train.of_films(0, first), train.of_films(first, FILM_COUNT["train"])
    return [
        shared_shots(splits()),
        near_duplicates(middles("test"), train),
        near_duplicates(validation, training, "validation", ("train", first)),
    ]


def splits() -> dict[str, list[Shot]]:
    """The shots of the films of every split."""
    first = FILM_COUNT["train"] - n_validation(FILM_COUNT["train"])
    films = {
        "training": [("train", film) for film in range(first)],
        "validation": [("train", film) for film in range(first, FILM_COUNT["train"])],
        "test": [("test", film) for film in range(FILM_COUNT["test"])],
    }
    return {name: [shot for film in some for shot in script(*film)] for name, some in films.items()}


def shared_shots(shots: dict[str, list[Shot]]) -> Check:
    """Whether a shot, which is known by all but its time, is in two splits."""
    known = {name: {known_by(shot) for shot in some} for name, some in shots.items()}
    shared = sum(len(known[one] & known[other]) for one, other in combinations(known, 2))
    counts = ", ".join(f"{len(some):,} shots in the {name} films" for name, some in known.items())
    return Check("No shot is in two splits", not shared, f"{counts}; {shared} of them in two splits.")


def known_by(shot: Shot) -> tuple:
    """What two shots of one painting and one action have in common: all but their time."""
    return shot.things, shot.scene, shot.motion, shot.camera, shot.seed


def near_duplicates(some: Middles, train: Middles, name: str = "test", films: tuple[str, int] = ("test", 0)) -> Check:
    """Whether the middle frame of a clip of a split, by `name`, is that of a training clip, or nearly.

    films : their kind, and the first of them. train : what they are held against.
    """
    away, which = nearest(some.hashes, train.hashes)
    clip, (few, many) = int(away.argmin()), ((away <= bits).sum() for bits in (BITS, 2 * BITS))
    (kind, first), (film, moment) = films, _place(clip)
    one = shot_at(kind, first + film, moment).caption
    other = shot_at("train", *_place(int(which[clip]))).caption
    return Check(
        f"No {name} frame is nearly a training frame",
        not few,
        f"Of {len(some):,} {name} clips {few} have a middle frame within {BITS} of 256 bits of the perceptual hash of "
        f"one of {len(train):,} training clips, {many} within {2 * BITS}; the median is {np.median(away):.0f}. The "
        f"nearest, {away[clip]} bits apart, show {one!r} and {other!r}.",
    )


def _place(clip: int) -> tuple[int, float]:
    film, tr = divmod(clip, N_SAMPLES)
    return film, (tr + 0.5) * TR

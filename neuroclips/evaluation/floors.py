"""Floors: films that know nothing of the brain, or of which clip it is. Each is only another film, or another order."""

from __future__ import annotations

from functools import cache, partial

import numpy as np

from neuroclips.clips import in_batches
from neuroclips.evaluation.films import Films
from neuroclips.evaluation.rows import Rows, kept_rows, small_truths
from neuroclips.evaluation.seen import AT_ONCE, Eyes, Shown, of_files
from neuroclips.metrics.pixel import flat_frame
from neuroclips.metrics.registry import METRICS
from neuroclips.metrics.score import score
from neuroclips.preprocessing.layout import N_SAMPLES
from neuroclips.simulation import shots

EVERY = 12  # training clips of which one is in the mean training frame
CANDIDATES, FEWEST = 20, 3  # reconstructions of which the best is shown for all; fewer where frames are large


def flat(truths: Shown) -> Shown:
    """One colour for each clip, the mean of its true film: it knows that much of the truth."""
    return Shown(truths.clips, lambda clip: flat_frame(truths.film(clip)), f"flat {truths.key}")


def mean_frame(clips: tuple[int, ...]) -> Shown:
    """The mean of the frames of the simulated training films, for every clip."""
    return Shown(clips, lambda _: _mean_training_frame(), f"mean of every {EVERY}th training clip")


@cache
def _mean_training_frame() -> np.ndarray:
    """uint8 (1, 3, H, W): the first frames of every twelfth clip of the training films, none of a test film."""
    from neuroclips.data.simulated import frames

    places = ((film, tr) for film in range(shots.FILM_COUNT["train"]) for tr in range(0, N_SAMPLES, EVERY))
    shown = [frames("train", film, tr, 1).numpy()[0] for film, tr in places]
    return (255 * np.mean(shown, 0)).round().astype(np.uint8)[None]


def frozen(films: Films) -> Shown:
    """The decoded keyframe of each clip, standing still."""
    return of_files(films.keyframes)


def best_single(films: Shown, truths: Shown, eyes: Eyes) -> Rows:
    """Scores (n,) of the one reconstruction that, shown for all clips, fits them best: by each metric its own.

    Candidates are spaced evenly over the clips, so that none is chosen by what is in it; their own clip counts too, for
    nobody who shows one film for all knows which that is.
    """
    one, true = eyes.small_features(films), small_truths(films, truths, eyes)
    found: Rows = {}
    for row in _spaced(len(films.clips), CANDIDATES):
        for name, rows in score(one[[row] * len(one)], true, eyes.small).items():
            found[name] = _better(name, found.get(name), rows)
    large = partial(_best_large, films, truths.of(films.clips), eyes)
    return found | kept_rows(eyes, ("best single", films.key, truths.key, films.clips), large)


def _best_large(films: Shown, true: Shown, eyes: Eyes) -> Rows:
    size = eyes.protocol.pixels or max(eyes.size)
    chosen = _spaced(len(films.clips), max(FEWEST, CANDIDATES * 128**2 // size**2))
    shown = [eyes.large_features(films.of([films.clips[row]])) for row in chosen]
    found: dict[tuple[int, str], list[np.ndarray]] = {}
    for few in in_batches(films.clips, AT_ONCE):
        there = eyes.large_features(true.of(few))
        for candidate, one in enumerate(shown):
            for name, rows in score(one[[0] * len(few)], there, eyes.large).items():
                found.setdefault((candidate, name), []).append(rows)
    best: Rows = {}
    for (_, name), parts in found.items():
        best[name] = _better(name, best.get(name), np.concatenate(parts))
    return best


def _spaced(n: int, most: int) -> list[int]:
    return sorted({round(row) for row in np.linspace(0, n - 1, min(n, most))})


def _better(name: str, one: np.ndarray | None, other: np.ndarray) -> np.ndarray:
    if one is None:
        return other
    higher = other.mean() > one.mean()
    return other if higher == METRICS[name].about.higher_is_better else one

"""How much of a score is from the brain: where a film stands between films without a brain, 0, and the ceiling, 1.

    share = (score - floor) / (ceiling - floor)

floor : the mean score of the films whose brain says nothing about the clip (brains.FLOOR). ceiling : the stored score
of the oracle's film of the clip (neuroclips/ceiling.py), by the generator with the settings of the zoo. The share is
told as it is: below 0 where films without a brain score more, above 1 where the decoded film beats the oracle's, which
single films may. Nothing heavy is imported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import fmean

from neuroclips.evaluation.brains import FLOOR
from neuroclips.metrics.scores import ABOUT, Scores

REAL = "real"
# CLIP-pcc has no floor: a still picture scores best whatever it shows
METRICS = tuple(name for name, about in ABOUT.items() if about.floor)
HEADLINE = "frame_2_way"
NO_CEILING = "no ceiling is stored of this clip"
NO_FLOOR = "no film without a brain could be made"
NO_SCALE = "the ceiling is not above the floor"
INFINITE = "a score is infinite"


@dataclass(frozen=True)
class Share:
    """Of one score of one clip.

    value : the share, None for the reason `why`. p : of the truths of its stretch of film, the share on which the real
    film scores at least as well as on its own, among n_truths; None without others. beats : rows that it scores above.
    """

    score: float
    floor: float | None
    ceiling: float | None
    value: float | None
    why: str = ""
    p: float | None = None
    n_truths: int = 0
    beats: tuple[str, ...] = ()


Rows = Mapping[str, Scores]  # of the rows that have a film


def shares(rows: Rows, ceiling: Scores | str, p: Mapping[str, float | None], n_truths: int) -> dict[str, Share]:
    """The share of every score that has a floor; rows need the real film.

    ceiling : or why there is none. p : by score, where it is known.
    """
    return {name: _share(name, rows, ceiling, p.get(name), n_truths) for name in METRICS}


def _share(metric: str, rows: Rows, ceiling: Scores | str, p: float | None, n_truths: int) -> Share:
    values = {name: getattr(scores, metric) for name, scores in rows.items()}
    score, without = values[REAL], [values[name] for name in FLOOR if name in values]
    beats = tuple(name for name, value in values.items() if value < score)
    low, high = fmean(without) if without else None, None if isinstance(ceiling, str) else getattr(ceiling, metric)
    value, why = of(score, low, high)
    if why == NO_CEILING and isinstance(ceiling, str):
        why = ceiling
    return Share(score, low, high, value, why, p, n_truths if p is not None else 0, beats)


def of(score: float, floor: float | None, ceiling: float | None) -> tuple[float | None, str]:
    """The share, or None and why there is none; for scores of which more is better, as all with a floor are."""
    if floor is None or ceiling is None:
        return None, NO_FLOOR if floor is None else NO_CEILING
    if not all(map(isfinite, (score, floor, ceiling))):
        return None, INFINITE
    return ((score - floor) / (ceiling - floor), "") if ceiling > floor else (None, NO_SCALE)


def line(found: Mapping[str, Share], metric: str = HEADLINE) -> str:
    """The one line that answers the question, for one score."""
    share, label = found[metric], ABOUT[metric].label
    value = f"{100 * share.value:.0f} %" if share.value is not None else f"not known: {share.why}"
    return f"brain share of {label}: {value}" + (f" (p = {share.p:.2g})" if share.p is not None else "")


def told(made: Sequence[str]) -> str:
    """Which rows the floor is the mean of, in words."""
    return ", ".join(name for name in FLOOR if name in made)

"""What an evaluation tells of shipped films beyond their scores: words, novelty, repeats, and the other frame judge."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from neuroclips import precomputed
from neuroclips.errors import MissingError
from neuroclips.evaluation import judged_again, repeats, spurious, words


def of_subject(subject: int, films: Mapping[int, Path], scores: Mapping[str, np.ndarray]) -> dict[str, dict]:
    """ "words", "spurious", "judges", and "repeats" where the showings are in the cache, else a line on stderr.

    films : those of a subject with all guidances, by clip. scores : of these films (n,), by metric.
    """
    said = {row["clip"]: row["caption"] for row in precomputed.load_all(subject)}
    found = {
        "words": words.measure({clip: said[clip] for clip in films}),
        "spurious": spurious.measure(subject, list(films), scores),
        "judges": judged_again.measure(films),
    }
    try:
        return found | {"repeats": repeats.measure(subject)}
    except MissingError as error:
        print(f"subject {subject}: {error}, and evaluate again, to know what repeats would bring", file=sys.stderr)
        return found

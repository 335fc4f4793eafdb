"""What an evaluation tells of shipped films beyond their scores: words, novelty, repeats, and the other frame judge."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from neuroclips import precomputed
from neuroclips.errors import MissingError
from neuroclips.evaluation import judged_again, repeats, spurious, words
from neuroclips.evaluation.seen import of_files
from neuroclips.files import write_json
from neuroclips.kept import kept_file
from neuroclips.metrics.features import METRICS_VERSION
from neuroclips.reading import read_json


def of_subject(
    subject: int, films: Mapping[int, Path], scores: Mapping[str, np.ndarray], made: Mapping[str, dict], home: Path
) -> dict[str, dict]:
    """ "words", "spurious", "judges", and "repeats" where the showings are in the cache, else a line on stderr.

    films : those of a subject with all guidances, by clip. scores : of these films (n,), by metric. made : that of the
    report, models and settings. What takes minutes is kept in `home`.
    """
    said = {row["clip"]: row["caption"] for row in precomputed.load_all(subject)}
    models = [made["weights"], made["settings"], made["reconstructors"][str(subject)]]
    version = () if METRICS_VERSION == 1 else (METRICS_VERSION,)
    of = repr((subject, tuple(films), of_files(films).key, models, *version))
    found = {
        "words": _kept(home, "words", of, lambda: words.measure({clip: said[clip] for clip in films})),
        "spurious": spurious.measure(subject, list(films), scores),
        "judges": _kept(home, "judges", of, lambda: judged_again.measure(films)),
    }
    try:
        return found | {"repeats": _kept(home, "repeats", of, lambda: repeats.measure(subject))}
    except MissingError as error:
        print(f"subject {subject}: {error}, and evaluate again, to know what repeats would bring", file=sys.stderr)
        return found


def _kept(home: Path, name: str, of: str, measure: Callable[[], dict]) -> dict:
    path = home / f"{name}-{hashlib.sha256(of.encode()).hexdigest()[:24]}.json"
    return kept_file(path, lambda: write_json(path, measure()), read_json)

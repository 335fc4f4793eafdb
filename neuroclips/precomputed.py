"""Films of the shipped clips, made by `python -m neuroclips precompute` and always shown as precomputed.

A subject has one folder, in which a table tells of its films: what all have in common ("made"), then a row for each
film, in a line of its own. Every clip has a film with all guidances; the thirty `heroes` of a subject have one of every
distinct combination, and one of all guidances whose words are those of GIT: the rows of the paper's table 2.
"""

from __future__ import annotations

from dataclasses import asdict
from itertools import product
from pathlib import Path

from neuroclips.errors import InputError
from neuroclips.files import numbers
from neuroclips.metrics.scores import ScoredBeside, Scores, read
from neuroclips.paths import ASSETS
from neuroclips.reading import read_json
from neuroclips.types import Guidance, Settings, Step

FOLDER = ASSETS / "precomputed"
TABLE, CEILINGS = "films.json", "ceilings.json"
SHOWN = ("subject", "clip", "seed", "caption", "seconds", "scores")
AGAIN = "take the folder from the repository again, or delete it and run python -m neuroclips precompute"
# every combination that gives a film of its own, that of all guidances first
GUIDANCES = tuple(dict.fromkeys(Guidance(*on).used for on in product((True, False), repeat=3)))
# what clips are ranked by; how many heroes are best, median and worst
BY, EACH = "frame 2-way to a hundredth, then SSIM above that of a flat frame", 10

CAPTIONER, OTHER_CAPTIONER = Settings.captioner, "git"  # of all films but one, which reads image tokens instead

Rows = dict[tuple[int, str], dict]  # by clip and name of the film


def letters(guidance: Guidance) -> str:
    """A combination in the names of files: "abg" is all, "none" is none."""
    return "".join(name[0] for name, on in asdict(guidance.used).items() if on) or "none"


def name_of(guidance: Guidance, captioner: str = CAPTIONER) -> str:
    """The name of a film: letters of its guidance, and its captioner where that is another one and used: "abg-git"."""
    other = captioner if guidance.used.gamma and captioner != CAPTIONER else ""
    return f"{letters(guidance)}-{other}" if other else letters(guidance)


# films of heroes by name: guidance and captioner
FILMS = {name_of(guidance): (guidance, CAPTIONER) for guidance in GUIDANCES}
FILMS |= {name_of(GUIDANCES[0], OTHER_CAPTIONER): (GUIDANCES[0], OTHER_CAPTIONER)}


def folder(subject: int) -> Path:
    """Where the films of a subject are, or would be."""
    return FOLDER / f"subject{subject}"


def files(subject: int, clip: int, guidance: Guidance = GUIDANCES[0], captioner: str = CAPTIONER) -> dict[Step, Path]:
    """Where the stages of one film are, or would be; without beta there is no keyframe.

    The blurry video is that of every combination, the keyframe that of all with the same alpha.
    """
    home, guidance = folder(subject) / f"{clip:03d}", guidance.used
    found = {Step.BLURRY_VIDEO: home / "blurry.mp4", Step.VIDEO: home / f"{name_of(guidance, captioner)}.mp4"}
    keyframe = home / ("keyframe.webp" if guidance.alpha else "keyframe_without_alpha.webp")
    return found | ({Step.KEYFRAME: keyframe} if guidance.beta else {})


def table(subject: int) -> tuple[dict, Rows]:
    """What all films of a subject have in common, and the row of each; empty before the first.

    Raises InputError for a table that is damaged.
    """
    path = folder(subject) / TABLE
    if not path.exists():
        return {}, {}
    stored = read_json(path)
    try:
        return dict(stored["made"]), {key(row): row for row in stored["films"]}
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: got no rows of films ({error!r}), expected a whole table: {AGAIN}") from error


def key(row: dict) -> tuple[int, str]:
    """Clip and name of the film that a row is of; it says its captioner where that is not the one of all the others."""
    return row["clip"], "-".join(filter(None, (row["guidance"], row.get("captioner"))))


def load(subject: int, clip: int, guidance: Guidance = GUIDANCES[0], captioner: str = CAPTIONER) -> dict | None:
    """The summary of a film, None when there is none. Raises InputError for a table that is damaged."""
    made, rows = table(subject)
    row = rows.get((clip, name_of(guidance, captioner)))
    return None if row is None else _summary(subject, made, row)


def load_all(subject: int, guidance: Guidance = GUIDANCES[0]) -> list[dict]:
    """The summaries of all films of a subject with one combination, by clip. Raises InputError as `load` does."""
    made, rows = table(subject)
    wanted = letters(guidance)
    return [_summary(subject, made, row) for (_, found), row in sorted(rows.items()) if found == wanted]


def _summary(subject: int, made: dict, row: dict) -> dict:
    path, summary = folder(subject) / TABLE, {**made, **row}
    if missing := [name for name in SHOWN if name not in summary]:
        raise InputError(f"{path}: got no {', '.join(missing)}, expected a whole row: {AGAIN}")
    try:
        read(summary["scores"])
    except (InputError, AttributeError, TypeError) as error:
        raise InputError(f"{path}: got scores that do not read ({error}): {AGAIN}") from error
    return summary


def ceilings() -> dict[int, Scores]:
    """What a film of each shipped clip could score if decoding were perfect (neuroclips/ceiling.py); no reconstruction.

    Empty before the first is made. Raises InputError for a table that is damaged.
    """
    return ceiling_table()[1]


def ceiling_table() -> tuple[dict, dict[int, Scores]]:
    """The settings of all ceilings, and the ceiling of each clip."""
    path = FOLDER / CEILINGS
    if not path.exists():
        return {}, {}
    stored = read_json(path, numbers)
    try:
        rows = [dict(row) for row in stored["ceilings"]]
        return dict(stored["made"]), {row.pop("clip"): Scores(**row) for row in rows}
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: got no rows of ceilings ({error!r}), expected a whole table: {AGAIN}") from error


def ranked(subject: int) -> list[int]:
    """The clips of a subject from best to worst, by the scores (`BY`) of their films with all guidances."""
    found = {summary["clip"]: read(summary["scores"]) for summary in load_all(subject)}
    scored = {clip: scores for clip, scores in found.items() if scores}
    return sorted(scored, key=lambda clip: (*_from_best(scored[clip]), clip))


def _from_best(scores: ScoredBeside) -> tuple[float, float]:
    """What the rank follows. SSIM alone would favour empty skies, of which a flat frame is as good a picture."""
    return -round(scores.video.frame_2_way, 2), scores.flat_colour.ssim - scores.video.ssim


def marks(subject: int) -> dict[str, int]:
    """The clips of a subject that are "best", "median" and "worst" by score; empty before the first is made."""
    clips = ranked(subject)
    return {"best": clips[0], "median": clips[len(clips) // 2], "worst": clips[-1]} if clips else {}


def heroes(subject: int) -> list[int]:
    """The clips that are shown with every combination of guidances: the ten best, the ten in the middle, the ten worst.

    They are taken by rank alone, so that nobody's eye chose them, and as many are weak as are strong.
    """
    clips = ranked(subject)
    middle = max(len(clips) - EACH, 0) // 2
    return sorted({*clips[:EACH], *clips[middle : middle + EACH], *clips[-EACH:]})

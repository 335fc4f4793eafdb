"""Results of the shipped clips, made by `python -m neuroclips precompute` and always shown as precomputed."""

from __future__ import annotations

from pathlib import Path

from neuroclips.errors import InputError
from neuroclips.export import RECORD
from neuroclips.metrics.scores import read
from neuroclips.paths import ASSETS
from neuroclips.reading import read_json

FOLDER = ASSETS / "precomputed"
SHOWN = ("subject", "clip", "seed", "caption", "seconds", "scores")


def folder(subject: int, clip: int) -> Path:
    """Where the files of one precomputed clip are, or would be."""
    return FOLDER / f"subject{subject}" / f"{clip:03d}"


def load(subject: int, clip: int) -> dict | None:
    """The summary of a precomputed clip, None when there is none. Raises InputError for one that is damaged."""
    path = folder(subject, clip) / RECORD
    return _read(path) if path.exists() else None


def load_all(subject: int) -> list[dict]:
    """The summaries of every precomputed clip of a subject. Raises InputError for one that is damaged."""
    return [_read(path) for path in sorted((FOLDER / f"subject{subject}").glob(f"*/{RECORD}"))]


def _read(path: Path) -> dict:
    summary = read_json(path)
    if missing := [name for name in SHOWN if name not in summary]:
        raise InputError(f"{path}: got no {', '.join(missing)}, expected a whole summary: delete it and run precompute")
    try:
        read(summary["scores"])
    except (InputError, AttributeError, TypeError) as error:
        raise InputError(f"{path}: got scores that do not read ({error}): delete it and run precompute") from error
    return summary

"""Results of the shipped clips, made by `python -m neuroclips precompute` and always shown as precomputed."""

from __future__ import annotations

from pathlib import Path

from neuroclips.export import RECORD
from neuroclips.paths import ASSETS
from neuroclips.reading import read_json

FOLDER = ASSETS / "precomputed"


def folder(subject: int, clip: int) -> Path:
    """Where the files of one precomputed clip are, or would be."""
    return FOLDER / f"subject{subject}" / f"{clip:03d}"


def load(subject: int, clip: int) -> dict | None:
    """The summary of a precomputed clip, None when there is none. Raises InputError for one that is damaged."""
    path = folder(subject, clip) / RECORD
    return read_json(path) if path.exists() else None


def load_all(subject: int) -> list[dict]:
    """The summaries of every precomputed clip of a subject."""
    return [read_json(path) for path in sorted((FOLDER / f"subject{subject}").glob(f"*/{RECORD}"))]

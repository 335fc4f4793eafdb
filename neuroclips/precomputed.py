"""Results of the shipped clips, made by `python -m neuroclips precompute` and always shown as precomputed."""

from __future__ import annotations

import json
from pathlib import Path

from neuroclips.paths import ASSETS

FOLDER = ASSETS / "precomputed"


def folder(subject: int, clip: int) -> Path:
    """Where the files of one precomputed clip are, or would be."""
    return FOLDER / f"subject{subject}" / f"{clip:03d}"


def load(subject: int, clip: int) -> dict | None:
    """The summary of a precomputed clip, None when there is none."""
    path = folder(subject, clip) / "reconstruction.json"
    return json.loads(path.read_text()) if path.exists() else None


def load_all(subject: int) -> list[dict]:
    """The summaries of every precomputed clip of a subject."""
    return [json.loads(p.read_text()) for p in sorted((FOLDER / f"subject{subject}").glob("*/reconstruction.json"))]

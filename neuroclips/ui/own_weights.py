"""Weights that were trained in the app, by name: a browser sends a name, never a path."""

from __future__ import annotations

from pathlib import Path

from neuroclips.errors import InputError
from neuroclips.ui.offered import offered as what_is_offered
from neuroclips.ui.run_record import Record, records


def offered() -> dict[str, Path]:
    """Folders for Request.reconstructors of finished runs on the simulated dataset, by name, the latest first.

    A run on another dataset has other voxels, and a baseline decodes nothing: neither is among them.
    """
    return {record.name: record.weights for record in records() if decodes(record)}


def listed() -> list[dict[str, str | int]]:
    """Name, title and subject of each, for the page."""
    return [{"name": name, "title": title_of(name), "subject": subject_of(name)} for name in offered()]


def decodes(record: Record) -> bool:
    """Whether the shipped clips can be decoded with what a run trained."""
    made = (record.out / "config.json").exists()
    return (
        record.state == "done"
        and bool(what_is_offered(record.choices.stage).parts)
        and not record.choices.source
        and made
    )


def title_of(name: str) -> str:
    """What a visitor reads of weights: stage, subject and steps. Raises InputError for an unknown name."""
    folder_of(name)
    return next(record.choices.title for record in records() if record.name == name)


def subject_of(name: str) -> int:
    """The subject whose reconstructors they are. Raises InputError for an unknown name."""
    folder_of(name)
    return next(record.choices.subject for record in records() if record.name == name)


def folder_of(name: object) -> Path:
    """The folder of a name that a browser sent. Raises InputError with the names that there are."""
    there = offered()
    if not isinstance(name, str) or name not in there:
        names = ", ".join(there) or "none yet: train some in the Train tab"
        raise InputError(f"got weights {name!r:.80}, expected one of: {names}")
    return there[name]

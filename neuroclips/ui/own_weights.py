"""Weights that were trained in the app, by name: a browser sends a name, never a path."""

from __future__ import annotations

from pathlib import Path

from neuroclips.errors import InputError
from neuroclips.ui.offered import offered as what_is_offered
from neuroclips.ui.run_record import Record, records


def offered() -> dict[str, Record]:
    """Finished runs on the simulated dataset, by name, the latest first.

    A run on another dataset has other voxels, and a baseline decodes nothing: neither is among them.
    """
    return {record.name: record for record in records() if decodes(record)}


def listed() -> list[dict[str, str | int]]:
    """Name, title and subject of each, for the page."""
    chosen = {name: record.choices for name, record in offered().items()}
    return [{"name": name, "title": about.title, "subject": about.subject} for name, about in chosen.items()]


def decodes(record: Record) -> bool:
    """Whether the shipped clips can be decoded with what a run trained."""
    made = (record.out / "config.json").exists()
    return (
        record.state == "done"
        and bool(what_is_offered(record.choices.stage).parts)
        and not record.choices.source
        and made
    )


def folder_of(name: object, subject: int) -> Path:
    """The folder for Request.reconstructors of a name that a browser sent.

    Raises InputError with the names that there are, and where the weights are another subject's.
    """
    there = offered()
    if not isinstance(name, str) or name not in there:
        names = ", ".join(there) or "none yet: train some in the Train tab"
        raise InputError(f"got weights {name!r:.80}, expected one of: {names}")
    whose = there[name].choices.subject
    if subject != whose:
        raise InputError(f"got subject {subject} with weights {name}, expected subject {whose}, whose they are")
    return there[name].weights

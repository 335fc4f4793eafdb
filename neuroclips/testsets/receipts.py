"""What a finished clip leaves beside its films: a receipt with their checksums, which comes after all of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from neuroclips.errors import InputError
from neuroclips.files import sha256_of, write_json
from neuroclips.reading import read_json

RECEIPT = "checksums.json"


def seal(folder: Path, row: Mapping[str, object]) -> None:
    """Say that the files of a clip are all there; `row` is what the manifest will have of it beside their checksums."""
    found = (path for path in sorted(folder.iterdir()) if path.name != RECEIPT and not path.name.startswith("."))
    write_json(folder / RECEIPT, {**row, "files": {path.name: sha256_of(path) for path in found}})


def receipt(folder: Path) -> dict | None:
    """The receipt of a clip, None where there is none that reads."""
    try:
        row = read_json(folder / RECEIPT)
    except InputError:
        return None
    return row if isinstance(row.get("files"), dict) else None


def is_finished(folder: Path) -> bool:
    """Whether all files of a clip are as they were when it was finished."""
    row = receipt(folder)
    return row is not None and all(_is_whole(folder / name, known) for name, known in row["files"].items())


def _is_whole(path: Path, known: str) -> bool:
    return path.is_file() and sha256_of(path) == known

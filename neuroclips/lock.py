"""Which commit of each repository was fetched, and what its files were: what comes later is held against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from neuroclips.files import one_at_a_time, write_json
from neuroclips.reading import read_json

LOCK = "lock.json"  # in the folder of models: OWNER/NAME -> {"revision", "files": name -> {"size", "sha256"}}


@dataclass(frozen=True)
class Recorded:
    """Of one repository: its commit, and size [bytes] and sha256 of the files that were fetched."""

    revision: str = ""
    sizes: Mapping[str, int] = field(default_factory=dict)
    sha256: Mapping[str, str] = field(default_factory=dict)


NOTHING = Recorded()


def read(models: Path, repository: str) -> Recorded:
    """What is recorded of a repository. Raises InputError for a lock that does not read."""
    entry = _all(models).get(repository)
    if not isinstance(entry, dict):
        return NOTHING
    files = entry.get("files", {})
    sizes, digests = ({name: about[what] for name, about in files.items()} for what in ("size", "sha256"))
    return Recorded(entry.get("revision", ""), sizes, digests)


def add(models: Path, repository: str, revision: str, name: str, size: int, sha256: str) -> None:
    """Record a file that was fetched and verified; of another commit than before, what was recorded is forgotten."""
    with one_at_a_time(models, f".{LOCK}.lock"):
        table = _all(models)
        entry = table.get(repository)
        if not isinstance(entry, dict) or entry.get("revision") != revision:
            entry = table[repository] = {"revision": revision, "files": {}}
        entry["files"][name] = {"size": size, "sha256": sha256}
        write_json(models / LOCK, table)


def _all(models: Path) -> dict[str, Any]:
    return read_json(models / LOCK) if (models / LOCK).exists() else {}

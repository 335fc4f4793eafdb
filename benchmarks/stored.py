"""Tables of measurements that are kept in assets/readme/, each section with the version that it was measured on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch

from neuroclips import __version__
from neuroclips.files import one_at_a_time, whole_file
from neuroclips.paths import cache_dir


def tables(path: Path) -> dict[str, dict]:
    """Section -> {"version", "rows"}; empty before the first."""
    return json.loads(path.read_text()) if path.exists() else {}


def store(path: Path, name: str, rows: dict) -> None:
    """Write one section beside the others, as soon as it is measured; other processes of this user may write theirs."""
    with one_at_a_time(cache_dir(), f".{path.name}.lock"), whole_file(path) as partial:
        partial.write_text(json.dumps({**tables(path), name: {"version": __version__, "rows": rows}}, indent=1))


@torch.no_grad()
def measure(path: Path, sections: Mapping[str, Callable[[], dict]], names: Sequence[str]) -> None:
    """Store the named sections, or all, each as soon as it is measured."""
    for name in names or sections:
        store(path, name, sections[name]())

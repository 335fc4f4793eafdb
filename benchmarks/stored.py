"""Tables of measurements that are kept in assets/readme/, each section with the version that it was measured on."""

from __future__ import annotations

import json
from pathlib import Path

from neuroclips import __version__
from neuroclips.data.atomic import whole_file


def tables(path: Path) -> dict[str, dict]:
    """Section -> {"version", "rows"}; empty before the first."""
    return json.loads(path.read_text()) if path.exists() else {}


def store(path: Path, name: str, rows: dict) -> None:
    """Write one section beside the others, as soon as it is measured."""
    with whole_file(path) as partial:
        partial.write_text(json.dumps({**tables(path), name: {"version": __version__, "rows": rows}}, indent=1))

"""Where the product keeps things: shipped files beside the package, made files in the user's cache."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "assets"
CHECKPOINTS = ROOT / "checkpoints"


CACHE_VERSION = "v2"  # raise it when films, brains or features change: what was made before is then never read


def cache_dir(*parts: str) -> Path:
    """The user's cache folder (NEUROCLIPS_CACHE, else the platform's custom), made on demand."""
    default = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "neuroclips"
    folder = Path(os.environ.get("NEUROCLIPS_CACHE", default)).joinpath(CACHE_VERSION, *parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder

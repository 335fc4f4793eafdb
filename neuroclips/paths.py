"""Where the product keeps things: shipped files in the package or beside it, made files in the user's cache."""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parent  # the repository, in a checkout


def shipped(name: str, package: Path = PACKAGE) -> Path:
    """A shipped folder: the wheel has it inside the package, a checkout beside it."""
    inside = package / name
    return inside if inside.is_dir() else package.parent / name


ASSETS = shipped("assets")
CHECKPOINTS = shipped("checkpoints")

CACHE_VERSION = "v3"  # raise it when films, brains or features change: what was made before is then never read


def in_checkout(package: Path = PACKAGE) -> bool:
    """Whether the package runs from a repository, whose shipped files may be rewritten, or is installed."""
    return (package.parent / "pyproject.toml").is_file() and not (package / "checkpoints").is_dir()


def runs_dir(*parts: str) -> Path:
    """Where training runs are kept: runs/ of a checkout, else the user's cache. Made by those who write there."""
    return ROOT.joinpath("runs", *parts) if in_checkout() else cache_dir("runs").joinpath(*parts)


def cache_home() -> Path:
    """The user's cache folder (NEUROCLIPS_CACHE, else the platform's custom), which may not be there yet."""
    given, custom = os.environ.get("NEUROCLIPS_CACHE"), os.environ.get("XDG_CACHE_HOME")
    if given:
        return Path(given) / CACHE_VERSION
    return (Path(custom) if custom else Path.home() / ".cache") / "neuroclips" / CACHE_VERSION


def cache_dir(*parts: str) -> Path:
    """A folder in the user's cache folder, made on demand."""
    folder = cache_home().joinpath(*parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def models_dir() -> Path:
    """Where repositories of models lie as on the hub, OWNER/NAME/...: NEUROCLIPS_MODELS, else in the user's cache."""
    given = os.environ.get("NEUROCLIPS_MODELS")
    return Path(given) if given else cache_home().parent / "models"

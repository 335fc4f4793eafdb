"""What the tables of docs/results.md are made with: stored measurements, and Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from textwrap import fill

from stored import tables

ROOT = Path(__file__).resolve().parent.parent
SUBJECTS = (1, 2, 3)
OF_41, OF_12, HALF = "2.4%", "8.3%", "0.5"  # chance: classes, scenes, two-way
TWO_WAY = ("frame 2 way", "video 2 way")
NAMES = {
    "ssim": "SSIM",
    "psnr": "PSNR [dB]",
    "frame 2 way": "frame 2-way",
    "video 2 way": "video 2-way",
    "clip pcc": "CLIP-pcc (smoothness, blind to content)",
}


@cache
def stored(name: str) -> dict[str, dict]:
    """Section -> {"version", "rows"} of assets/readme/NAME.json."""
    return tables(ROOT / "assets" / "readme" / f"{name}.json")


@cache
def trained(part: str, file: str = "training.json") -> dict:
    """How a shipped part was trained, and what it scored on web films that were held out."""
    return json.loads((ROOT / "checkpoints" / "demo" / part / file).read_text())


def plain(name: str) -> str:
    """A score's name without its punctuation: "frame 2 way" of "frame 2-way" and of "frame_2_way"."""
    return name.replace("_", " ").replace("-", " ")


def rows_of(file: str, section: str) -> dict:
    """The rows of a section, scores by their plain names."""
    return {plain(name): value for name, value in stored(file)[section]["rows"].items()}


def since(file: str, *sections: str) -> str:
    """Which version the sections were measured on, as a sentence; they are named where their versions differ."""
    versions: dict[str, list[str]] = {}
    for section in sections:
        versions.setdefault(stored(file)[section]["version"], []).append(section)
    if len(versions) == 1:
        return f"Measured on version {next(iter(versions))}."
    each = (f"{version} ({', '.join(names)})" for version, names in versions.items())
    return f"Measured on version {', '.join(each)}."


def table(head: Sequence[str], rows: Iterable[Sequence[str]], note: str = "") -> str:
    """A Markdown table, and a note below it, wrapped."""
    lines = [head, ["---"] * len(head), *rows]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{text}\n\n{fill(note, 118)}".rstrip()


def percent(value: float | str | None, digits: int = 1) -> str:
    """A share in percent; texts stay as they are, and what was not measured stays empty."""
    return f"{value:.{digits}%}" if isinstance(value, (int, float)) else value or ""


def number(value: float | None, digits: int = 3) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def score(name: str, value: float | None) -> str:
    return number(value, 2 if plain(name) == "psnr" else 3)

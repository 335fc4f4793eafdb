"""The log of a training run: what every step and every validation gave, readable while it is written.

Whoever only looks at a run reads it without torch.
"""

from __future__ import annotations

from pathlib import Path

from neuroclips.errors import InputError
from neuroclips.files import from_json, to_json, whole_file

LOG = "log.jsonl"


def open_log(run_dir: Path, first: int):
    """The log opened for writing, with the lines of steps before `first` kept: later ones will be written again."""
    path = run_dir / LOG
    kept = [to_json(line) for line in (read_log(run_dir) if first else []) if line["step"] < first]
    with whole_file(path) as partial:
        partial.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
    return path.open("a", encoding="utf-8")


def read_log(run_dir: Path) -> list[dict]:
    """A dict per step ("step", "loss", "learning_rate", "seconds", ...), one per validation ("step", "validation").

    A last line that a kill has cut is left out. Raises InputError for any other that is no such dict.
    """
    path = run_dir / LOG
    lines = path.read_bytes().split(b"\n") if path.exists() else []
    return [line for i, text in enumerate(lines) if text and (line := _line(path, i, text, i == len(lines) - 1))]


def _line(path: Path, i: int, text: bytes, is_cut: bool) -> dict | None:
    try:
        line = from_json(text)
    except ValueError:
        line = None
    if isinstance(line, dict) and isinstance(line.get("step"), int):
        return line
    if is_cut:  # every whole line ends with a new line
        return None
    raise InputError(f"{path}: got line {i + 1} that is no step of a run, expected one: delete that line")

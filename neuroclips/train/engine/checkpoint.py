"""Checkpoints of a training run: the last, to go on from, and the best on validation films, to export."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn

from neuroclips.errors import InputError
from neuroclips.files import whole_file

LOG = "log.jsonl"


class Ema:
    """Exponential moving average of the trained weights, with a short memory at the start; decay 0 keeps none."""

    def __init__(self, modules: nn.ModuleDict, decay: float):
        self.decay = decay
        self.average = copy.deepcopy(modules).requires_grad_(False) if decay else None

    @torch.no_grad()
    def update(self, modules: nn.ModuleDict, step: int) -> None:
        if self.average is None:
            return
        decay = min(self.decay, (1 + step) / (10 + step))
        for kept, new in zip(self.average.parameters(), modules.parameters(), strict=True):
            kept.lerp_(new, 1 - decay)

    @contextmanager
    def applied(self, modules: nn.ModuleDict) -> Iterator[None]:
        """Averaged weights in place of the trained ones for as long as the block runs."""
        self._swap(modules)
        try:
            yield
        finally:
            self._swap(modules)

    def _swap(self, modules: nn.ModuleDict) -> None:
        if self.average is not None:
            for kept, new in zip(self.average.parameters(), modules.parameters(), strict=True):
                kept.data, new.data = new.data, kept.data


def save(run_dir: Path, name: str, state: dict) -> None:
    """Write `name`.pt whole or not at all."""
    with whole_file(run_dir / f"{name}.pt") as partial:
        torch.save(state, partial)


def read(run_dir: Path, name: str, identity: Mapping[str, object]) -> dict | None:
    """The state in `name`.pt, None when there is none. Raises InputError when it is of another run."""
    path = run_dir / f"{name}.pt"
    if not path.exists():
        return None
    state = torch.load(path, weights_only=True, map_location="cpu", mmap=True)
    stored = state["identity"]
    other = {k: (stored.get(k), v) for k, v in identity.items() if stored.get(k) != v}
    if other:
        differences = "; ".join(f"{k}: got {then}, expected {now}" for k, (then, now) in other.items())
        raise InputError(f"{path} is of another run ({differences}): use --no-resume, or another --run-dir")
    return state


def open_log(run_dir: Path, first: int):
    """The log opened for writing, with the lines of steps before `first` kept: later ones will be written again."""
    path = run_dir / LOG
    kept = [line for line in read_log(run_dir) if line["step"] < first] if first else []
    path.write_text("".join(f"{json.dumps(line)}\n" for line in kept))
    return path.open("a")


def read_log(run_dir: Path) -> list[dict]:
    """A dict per step ("step", "loss", "learning_rate", "seconds", ...), one per validation ("step", "validation").

    Lines that are no such thing are left out: one is being written, or was when the process ended.
    """
    path = run_dir / LOG
    lines = path.read_text("utf-8", errors="replace").splitlines() if path.exists() else []
    return [line for line in map(_parsed, lines) if isinstance(line, dict) and "step" in line]


def _parsed(line: str) -> object:
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return None

"""Checkpoints of a training run: the last, to go on from, and the best on validation films, to export."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn

from neuroclips.errors import InputError
from neuroclips.files import whole_file
from neuroclips.tensors import read_saved

ABOUT = ("step", "scores", "best", "times", "modules")
STATE = {"best": ABOUT, "last": (*ABOUT, "ema", "optimizer", "scaler")}  # what the files of each name hold


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
        with partial.open("wb") as file:  # not by the path: torch would not say why it failed
            torch.save(state, file)


def read(run_dir: Path, name: str, identity: Mapping[str, object]) -> dict | None:
    """The state in `name`.pt, None when there is none. Raises InputError when it is of another run, or damaged."""
    path, expected = run_dir / f"{name}.pt", "the state of a run: use --no-resume, or another --run-dir"
    if not path.exists():
        return None
    try:
        state = read_saved(path)
    except InputError as error:
        raise InputError(f"{error}, or begin anew: use --no-resume, or another --run-dir") from error
    stored = state.get("identity") if isinstance(state, dict) else None
    if not isinstance(stored, dict):
        raise InputError(f"{path}: got a {type(state).__name__} that says of no run, expected {expected}")
    other = {k: (stored.get(k), v) for k, v in identity.items() if stored.get(k) != v}
    if other:
        differences = "; ".join(f"{k}: got {then}, expected {now}" for k, (then, now) in other.items())
        raise InputError(f"{path} is of another run ({differences}): use --no-resume, or another --run-dir")
    if lacking := [key for key in STATE[name] if key not in state]:
        raise InputError(f"{path}: got a state without {', '.join(lacking)}, expected {expected}")
    return state

"""The one training loop: any job that can give a loss is trained, resumed, averaged and exported by `fit`."""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn
from tqdm import tqdm


@dataclass(frozen=True)
class Recipe:
    """Numbers of one training run; `save_every` is in seconds [s]."""

    steps: int
    learning_rate: float
    batch_size: int
    weight_decay: float = 0.01
    warmup: int = 50
    ema: float = 0.998
    save_every: float = 120.0
    seed: int = 0


class Job(Protocol):
    """What a stage gives to the loop."""

    modules: Mapping[str, nn.Module]

    def loss(self, generator: torch.Generator, recipe: Recipe) -> Tensor: ...

    def export(self) -> None: ...


def learning_rate(step: int, recipe: Recipe) -> float:
    """Linear warm-up, then half a cosine down to zero (as in the OneCycle schedule of the paper, appendix A)."""
    if step < recipe.warmup:
        return recipe.learning_rate * (step + 1) / recipe.warmup
    progress = (step - recipe.warmup) / max(1, recipe.steps - recipe.warmup)
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))


class Ema:
    """Exponential moving average of the trained weights, with a short memory at the start."""

    def __init__(self, modules: nn.ModuleDict, decay: float):
        self.decay, self.average = decay, copy.deepcopy(modules).requires_grad_(False)

    @torch.no_grad()
    def update(self, modules: nn.ModuleDict, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        for kept, new in zip(self.average.parameters(), modules.parameters(), strict=True):
            kept.lerp_(new, 1 - decay)


def fit(
    job: Job,
    recipe: Recipe,
    run_dir: Path,
    on_step: Callable[[int, float], None] | None = None,
    resume: bool = True,
) -> None:
    """Train `job` for `recipe.steps`, resuming from `run_dir`, then export the averaged weights.

    Writes one line {"step", "loss", "seconds"} per logged step to `run_dir`/loss.jsonl.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    modules = nn.ModuleDict(dict(job.modules))
    ema = Ema(modules, recipe.ema)
    weights = [p for p in modules.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=recipe.learning_rate, weight_decay=recipe.weight_decay, betas=(0.9, 0.99))
    first = _restore(run_dir, modules, ema, optimizer) if resume else 0
    log = _open_log(run_dir / "loss.jsonl", first)
    started = saved = time.monotonic()
    modules.train()
    smooth = None
    for step in (bar := tqdm(range(first, recipe.steps), initial=first, total=recipe.steps, mininterval=5)):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, recipe)
        seed = recipe.seed * 10_000_019 + step
        torch.manual_seed(seed)  # dropout: a resumed run draws what an unbroken one would
        loss = job.loss(torch.Generator().manual_seed(seed), recipe)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        ema.update(modules, step)
        value = loss.item()
        smooth = value if smooth is None else 0.98 * smooth + 0.02 * value
        bar.set_postfix(loss=f"{smooth:.4f}")
        print(json.dumps({"step": step, "loss": value, "seconds": time.monotonic() - started}), file=log, flush=True)
        if on_step:
            on_step(step, value)
        if time.monotonic() - saved > recipe.save_every:
            _store(run_dir, step + 1, modules, ema, optimizer)
            saved = time.monotonic()
    _store(run_dir, max(first, recipe.steps), modules, ema, optimizer)
    modules.load_state_dict(ema.average.state_dict())
    modules.eval()
    job.export()


def _open_log(path: Path, first: int):
    """The log opened for writing, with the lines before step `first` kept: later ones will be written again."""
    kept = path.read_text().splitlines()[:first] if first and path.exists() else []
    path.write_text("".join(f"{line}\n" for line in kept))
    return path.open("a")


def _store(run_dir: Path, step: int, modules: nn.ModuleDict, ema: Ema, optimizer: torch.optim.Optimizer) -> None:
    state = {"step": step, "modules": modules.state_dict(), "ema": ema.average.state_dict()}
    state["optimizer"] = optimizer.state_dict()
    torch.save(state, run_dir / "last.part")
    (run_dir / "last.part").rename(run_dir / "last.pt")  # an interrupted write never replaces a good file


def _restore(run_dir: Path, modules: nn.ModuleDict, ema: Ema, optimizer: torch.optim.Optimizer) -> int:
    path = run_dir / "last.pt"
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    modules.load_state_dict(state["modules"])
    ema.average.load_state_dict(state["ema"])
    optimizer.load_state_dict(state["optimizer"])
    return state["step"]

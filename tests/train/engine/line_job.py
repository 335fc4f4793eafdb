"""A small job for the loop, and a program that runs it: python -m tests.train.engine.line_job RUN_DIR OUT STEPS."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import torch
from torch import nn

from neuroclips.train.engine.job import Job
from neuroclips.train.engine.loop import fit
from neuroclips.train.engine.recipe import Recipe

RECIPE = Recipe(steps=40, learning_rate=0.3, batch_size=16, warm_up=0.05, ema=0.5, save_every=0.0, validate_every=8)


class LineJob(Job):
    """Learn y = 2 x + 1, with dropout, so that a resumed run must draw what an unbroken one would."""

    best_by = "minus error"

    def __init__(self, out: Path | None = None, pause: float = 0.0):
        torch.manual_seed(0)
        self.net = nn.Sequential(nn.Dropout(0.2), nn.Linear(1, 1))
        self.modules, self.out, self.pause, self.scores = {"net": self.net}, out, pause, []
        self.identity = {"stage": "line"}

    def batch(self, turn):
        time.sleep(self.pause)
        return {"x": torch.randn(turn.size, 1, generator=turn.generator)}

    def loss(self, batch):
        return {"error": (self.net(batch["x"]) - 2 * batch["x"] - 1).square().mean()}

    def validate(self):
        x = torch.linspace(-1, 1, 9)[:, None]
        self.scores.append(-(self.net(x) - 2 * x - 1).square().mean().item())
        return {"minus error": self.scores[-1]}

    def export(self):
        if self.out:
            torch.save(self.net.state_dict(), self.out)


if __name__ == "__main__":
    fit(LineJob(Path(sys.argv[2]), pause=0.02), RECIPE, Path(sys.argv[1]))

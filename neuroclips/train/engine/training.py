"""One run of a job: everything that changes from step to step, and how it is kept and resumed."""

from __future__ import annotations

import math
import time
from dataclasses import asdict
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedDataParallelKwargs, is_tensorboard_available, send_to_device
from torch import Tensor, nn

from neuroclips.errors import InputError
from neuroclips.train.engine import checkpoint
from neuroclips.train.engine.job import Job
from neuroclips.train.engine.pace import Pace
from neuroclips.train.engine.recipe import Recipe, Turn

SAMPLES = "samples"  # the folder of a run with what its validation films look like


class Trained(nn.Module):
    """A job as a module, so that gradients of whatever its loss uses are shared between processes."""

    def __init__(self, job: Job):
        super().__init__()
        self.parts, self._loss = nn.ModuleDict(dict(job.modules)), job.loss

    def forward(self, batch) -> dict[str, Tensor]:
        loss = self._loss(batch)
        return loss if isinstance(loss, dict) else {"loss": loss}


class Training:
    """One run of a job: everything that changes from step to step, and how it is kept."""

    def __init__(self, job: Job, recipe: Recipe, run_dir: Path, samples: bool = False):
        self.job, self.recipe, self.run_dir, self.samples = job, recipe, run_dir, samples
        tracker = "tensorboard" if is_tensorboard_available() else None
        self.accelerator = Accelerator(
            cpu=not torch.accelerator.is_available(),  # else processes on a CPU do not find each other
            mixed_precision=recipe.mixed_precision,
            gradient_accumulation_steps=recipe.accumulate,
            log_with=tracker,
            project_dir=run_dir,
            kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)],
        )
        job.to(self.accelerator.device)
        trained = Trained(job)
        self.modules = trained.parts
        self.weights = [p for p in self.modules.parameters() if p.requires_grad]
        self.ema = checkpoint.Ema(self.modules, recipe.ema)
        optimizer = torch.optim.AdamW(self.weights, lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
        self.pace = Pace(optimizer, recipe, job.n_samples)
        self.trained, self.optimizer = self.accelerator.prepare(trained, optimizer)
        self.step, self.best = 0, -math.inf
        self.scores: dict[str, float] = {}
        # [s] since the start, over all parts of a resumed run; of these for batches; in the network and the optimiser
        self.elapsed, self.waited, self.worked = 0.0, 0.0, 0.0
        self.start_clock()
        if tracker:
            self.accelerator.init_trackers("neuroclips")

    def start_clock(self) -> None:
        """From now on time counts, beside what is over already."""
        self._started = time.monotonic() - self.elapsed

    def take_step(self) -> dict[str, float]:
        """One optimiser step; returns the terms of its loss. Raises InputError for a loss that is not finite."""
        sums: dict[str, float] = {}
        started, waited = time.perf_counter(), self.waited
        for part in range(self.recipe.accumulate):
            with self.accelerator.accumulate(self.trained):
                terms = self._terms(part)
                loss = sum(terms.values())
                for name, value in terms.items():
                    mean = self.accelerator.reduce(value.detach(), "mean").item()  # over processes
                    sums[name] = sums.get(name, 0.0) + mean / self.recipe.accumulate
                self._refuse_nan(sums)
                self.accelerator.backward(loss)
                if self.accelerator.sync_gradients and self.recipe.clip_grad:
                    self.accelerator.clip_grad_norm_(self.weights, self.recipe.clip_grad)
                self.optimizer.step()
                self.optimizer.zero_grad()
        self.ema.update(self.modules, self.step)
        self.step += 1
        self.worked += time.perf_counter() - started - (self.waited - waited)
        self.elapsed = self._agreed(time.monotonic() - self._started)
        self.pace.reach(self.step, self.elapsed)
        return sums

    def _agreed(self, elapsed: float) -> float:
        """The same of every process, so that all end with the same step."""
        return self.accelerator.reduce(torch.tensor(elapsed, device=self.accelerator.device), "mean").item()

    def _terms(self, part: int) -> dict[str, Tensor]:
        accelerator, recipe = self.accelerator, self.recipe
        rank, size = accelerator.process_index, recipe.batch_size // recipe.accumulate
        seed = (recipe.seed * 10_000_019 + self.step) * recipe.accumulate + part
        torch.manual_seed((seed + 7_919 * rank) % 2**64)  # dropout: a resumed run draws what an unbroken one would
        turn = Turn(self.step, size, rank, accelerator.num_processes, seed, self.pace.share)
        started = time.perf_counter()
        batch = self.job.batch(turn)
        batch = send_to_device(batch, accelerator.device) if isinstance(batch, dict) else batch
        self.waited += time.perf_counter() - started
        return self.trained(batch)

    def _refuse_nan(self, terms: dict[str, float]) -> None:
        wrong = [name for name, value in terms.items() if not math.isfinite(value)]
        if wrong:
            kept = (self.run_dir / "last.pt").exists()
            raise InputError(
                f"got a loss that is not finite ({', '.join(wrong)}) at step {self.step}; "
                f"{f'the last state is in {self.run_dir}' if kept else 'nothing was saved yet'}: lower --learning-rate "
                "and start again"
            )

    def validate(self) -> dict[str, float]:
        """Score the averaged weights keep them if they are the best so far, and show samples if asked."""
        self.modules.eval()
        with self.ema.applied(self.modules), torch.no_grad():
            self.scores, by = self.job.validate(), self.job.best_by
            score = -math.inf if by is None else self.scores.get(by, -math.inf)
            if score > self.best:
                self.best = score
                if self.accelerator.is_main_process:
                    checkpoint.save(self.run_dir, "best", {**self._about(), "modules": self.modules.state_dict()})
            if self.samples and self.accelerator.is_main_process:
                self.job.show(self.run_dir / SAMPLES, self.step)
        self.modules.train()
        return self.scores

    def _about(self) -> dict:
        identity, recipe = dict(self.job.identity), asdict(self.recipe)
        times = [self.elapsed, self.waited, self.worked]
        about = {"step": self.step, "identity": identity, "recipe": recipe, "scores": self.scores, "best": self.best}
        return {**about, "times": times}

    def save(self) -> None:
        """Keep the last state. Its step is the position in the data and of all randomness: both are drawn from it."""
        if self.accelerator.is_main_process:
            average = self.ema.average.state_dict() if self.ema.average is not None else None
            scaler = self.accelerator.scaler.state_dict() if self.accelerator.scaler else None
            state = {"modules": self.modules.state_dict(), "ema": average, "optimizer": self.optimizer.state_dict()}
            checkpoint.save(self.run_dir, "last", {**self._about(), **state, "scaler": scaler})

    def restore(self) -> None:
        """Go on from the last state, if there is one."""
        state = checkpoint.read(self.run_dir, "last", self.job.identity)
        if state is None:
            return
        self.modules.load_state_dict(state["modules"])
        if self.ema.average is not None and state["ema"] is not None:
            self.ema.average.load_state_dict(state["ema"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.accelerator.scaler and state["scaler"]:
            self.accelerator.scaler.load_state_dict(state["scaler"])
        self.step, self.best, self.scores = state["step"], state["best"], state["scores"]
        self.elapsed, self.waited, self.worked = state["times"]
        self.pace = Pace(self.optimizer.optimizer, self.recipe, self.job.n_samples, self.step, self.elapsed)

    def finish(self) -> None:
        """Put the best weights in place, or the averaged ones of a job without validation, and export them."""
        best = checkpoint.read(self.run_dir, "best", self.job.identity) if math.isfinite(self.best) else None
        if best:
            self.modules.load_state_dict(best["modules"])
            self.scores = best["scores"]
        elif self.ema.average is not None:
            self.modules.load_state_dict(self.ema.average.state_dict())
        self.modules.eval()
        if self.accelerator.is_main_process:
            self.job.export()
        self.accelerator.wait_for_everyone()
        self.accelerator.end_training()

"""The one training loop: a job that draws batches and gives their loss is trained, validated, resumed and exported."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import torch
from tqdm import tqdm

from neuroclips.errors import TooLargeError
from neuroclips.files import to_json
from neuroclips.train.engine.job import Job
from neuroclips.train.engine.log import open_log
from neuroclips.train.engine.memory import refuse_too_large
from neuroclips.train.engine.recipe import Recipe
from neuroclips.train.engine.training import Training


def fit(
    job: Job,
    recipe: Recipe,
    run_dir: Path,
    on_step: Callable[[int, float], None] | None = None,
    resume: bool = True,
    samples: bool = False,
) -> dict[str, float]:
    """Train `job`, resuming from `run_dir`, export its weights, and return their validation scores.

    Writes `run_dir`/log.jsonl (see log.read_log), last.pt and best.pt, TensorBoard files when that is installed, and
    with `samples` what the job shows of validation films. Raises InputError for a loss that is not finite or a state of
    another run, and TooLargeError before or when memory runs out; last.pt can be resumed after each.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    if not any(p.requires_grad for m in job.modules.values() for p in m.parameters()):
        return _export_solved(job)
    refuse_too_large(sum(p.numel() for m in job.modules.values() for p in m.parameters() if p.requires_grad))
    with _memory_named(recipe):
        training = Training(job, recipe, run_dir, samples)
        if resume:
            training.restore()
        _run(training, on_step)
        training.finish()
    return training.scores


def _export_solved(job: Job) -> dict[str, float]:
    """A job whose weights are solved for, not trained."""
    for module in job.modules.values():
        module.eval()
    with torch.no_grad():
        scores = job.validate()
    job.export()
    return scores


def _run(training: Training, on_step: Callable[[int, float], None] | None) -> None:
    main, recipe, first = training.accelerator.is_main_process, training.recipe, training.step
    log = open_log(training.run_dir, first) if main else None
    saved = time.monotonic()
    training.start_clock()
    training.modules.train()
    bar = tqdm(initial=first, total=training.pace.n_steps or None, mininterval=5, disable=not main)
    while training.pace.share < 1 or not training.step:
        step, rate = training.step, training.pace.rate
        terms = training.take_step()
        line = {"step": step, "loss": sum(terms.values()), "learning_rate": rate}
        line |= {"seconds": training.elapsed, "waiting": training.waited, "network": training.worked}
        _write(training, log, line | (terms if len(terms) > 1 else {}))
        bar.set_postfix(loss=f"{line['loss']:.4f}", refresh=False)
        bar.update()
        if on_step:
            on_step(step, line["loss"])
        if (training.step % recipe.validate_every == 0 or training.pace.share == 1) and (scores := training.validate()):
            _write(training, log, {"step": step, "validation": scores})
        if time.monotonic() - saved > recipe.save_every:
            training.save()
            saved = time.monotonic()
    bar.close()
    training.save()


def _write(training: Training, log, line: dict) -> None:
    if log:
        print(to_json(line), file=log, flush=True)
        values = line.get("validation") or {k: v for k, v in line.items() if k != "step"}
        training.accelerator.log(values, step=line["step"])


@contextmanager
def _memory_named(recipe: Recipe):
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not (isinstance(error, (MemoryError, torch.OutOfMemoryError)) or "DefaultCPUAllocator" in str(error)):
            raise  # RuntimeErrors are many things, and what is out of memory on a CPU is one of them
        parts = range(2 * recipe.accumulate, recipe.batch_size + 1)
        more = next((n for n in parts if recipe.batch_size % n == 0), None)
        advice = f"--accumulate {more}, which cuts them smaller" if more else "a smaller --batch-size"
        raise TooLargeError(
            f"memory ran out with batches of {recipe.batch_size // recipe.accumulate}: start again with {advice}; the "
            "run goes on from its last checkpoint"
        ) from error

"""The training loop: it learns, keeps the best, and names what goes wrong."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
import torch
from accelerate.state import AcceleratorState

from neuroclips.train.engine.log import read_log
from neuroclips.train.engine.loop import fit
from neuroclips.train.engine.training import Training
from tests.train.engine.line_job import RECIPE, LineJob


def test_fit_learns_logs_and_exports_the_best(tmp_path):
    job = LineJob(tmp_path / "out.pt")
    scores = fit(job, RECIPE, tmp_path)
    log = read_log(tmp_path)
    steps, validations = ([x for x in log if name in x] for name in ("loss", "validation"))
    assert len(steps) == 40 and steps[-1]["loss"] < 0.3 * steps[0]["loss"]
    assert {"step", "loss", "learning_rate", "seconds", "waiting"} <= set(steps[0])
    assert len(validations) == 5 and job.out.exists()
    assert scores["minus error"] == max(job.scores) == max(x["validation"]["minus error"] for x in validations)
    best = torch.load(tmp_path / "best.pt", weights_only=True)
    assert best["scores"] == scores and best["recipe"]["batch_size"] == 16
    assert torch.equal(torch.load(job.out, weights_only=True)["1.weight"], best["modules"]["net.1.weight"])


def test_a_loss_that_is_not_finite_leaves_a_state_that_can_be_resumed(tmp_path):
    job = LineJob()

    def break_at_10(step, loss):
        if step == 10:
            job.net[1].weight.data.fill_(float("nan"))

    with pytest.raises(ValueError, match=r"not finite \(error\) at step 11.*--learning-rate"):
        fit(job, replace(RECIPE, save_every=1e9), tmp_path / "none", on_step=break_at_10)
    fit(LineJob(), replace(RECIPE, steps=5), tmp_path)
    assert torch.load(tmp_path / "last.pt", weights_only=True)["step"] == 5
    sick = LineJob()
    sick.loss = lambda batch: sick.net(batch["x"]).mean() * float("inf")
    with pytest.raises(ValueError, match="at step 5"):
        fit(sick, RECIPE, tmp_path)
    fit(LineJob(), RECIPE, tmp_path)
    assert len([x for x in read_log(tmp_path) if "loss" in x]) == 40


def test_too_little_memory_is_named_before_and_while_training(tmp_path, monkeypatch):
    with monkeypatch.context() as small:
        small.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=10))
        with pytest.raises(MemoryError, match="million weights to train.*--zoo demo"):
            fit(LineJob(), RECIPE, tmp_path)
    job = LineJob()
    job.loss = lambda batch: torch.empty(1 << 60)
    with pytest.raises(MemoryError, match="batches of 16.*--accumulate 2"):
        fit(job, RECIPE, tmp_path)


def test_an_error_that_only_speaks_of_memory_is_not_called_a_lack_of_it(tmp_path):
    job = LineJob()
    job.loss = lambda batch: torch.zeros(2, 3).t().view(-1)  # "... at least one dimension spans across two ... memory"
    with pytest.raises(RuntimeError) as caught:
        fit(job, RECIPE, tmp_path)
    assert not isinstance(caught.value, MemoryError)

    def broken(batch):
        raise RuntimeError("an illegal memory access was encountered")

    job.loss = broken
    with pytest.raises(RuntimeError, match="illegal memory access") as caught:
        fit(job, RECIPE, tmp_path)
    assert not isinstance(caught.value, MemoryError)


def test_parts_of_a_batch_add_up_to_one_step(tmp_path):
    """Two halves of a batch, accumulated, move the weights as often as whole batches do."""
    job = LineJob()
    fit(job, replace(RECIPE, accumulate=2), tmp_path)
    steps = [x for x in read_log(tmp_path) if "loss" in x]
    assert len(steps) == 40 and steps[-1]["loss"] < 0.5 * steps[0]["loss"]


def test_bfloat16_trains(tmp_path):
    job = LineJob()
    AcceleratorState._reset_state()  # precision is chosen once in a process
    fit(job, replace(RECIPE, mixed_precision="bf16"), tmp_path)
    AcceleratorState._reset_state()
    assert job.net[1].weight.dtype == torch.float32 and job.scores[-1] > job.scores[0]


def test_learning_rate_rises_then_falls_to_zero(tmp_path):
    recipe = replace(RECIPE, steps=100, warm_up=0.1, validate_every=1000)
    fit(LineJob(), recipe, tmp_path)
    rates = [x["learning_rate"] for x in read_log(tmp_path) if "loss" in x]
    assert 8 <= int(np.argmax(rates)) <= 11 and max(rates) == pytest.approx(recipe.learning_rate, rel=0.02)
    assert rates[-1] < 0.01 * max(rates)


def test_averages_are_what_is_validated(tmp_path):
    training = Training(LineJob(), RECIPE, tmp_path)
    training.take_step()
    trained = training.modules["net"][1].weight.clone()
    with training.ema.applied(training.modules):
        assert not torch.equal(training.modules["net"][1].weight, trained)
    assert torch.equal(training.modules["net"][1].weight, trained)

"""The training loop: it learns, keeps the best, and goes on exactly where it was killed."""

import json
import signal
import subprocess
import sys
import time
import zlib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
import torch
from accelerate.state import AcceleratorState
from safetensors.torch import load_file, save_file

from neuroclips.paths import ROOT
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.train import stages
from neuroclips.train.demo_zoo import codec as zoo_codec
from neuroclips.train.engine.checkpoint import read_log
from neuroclips.train.engine.export import save_model, shrink
from neuroclips.train.engine.loop import fit
from neuroclips.train.engine.start import load_weights
from neuroclips.train.engine.training import Training
from tests.conftest import DEMO
from tests.train.engine.line_job import RECIPE, LineJob


def weights_of(job):
    return torch.cat([p.detach().flatten() for p in job.net.parameters()])


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


def test_a_run_stopped_between_steps_goes_on_where_it_was(tmp_path):
    whole, stopped, resumed = LineJob(), LineJob(), LineJob()
    fit(whole, RECIPE, tmp_path / "whole")

    def stop_at_20(step, loss):
        if step == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(stopped, RECIPE, tmp_path / "part", on_step=stop_at_20)
    fit(resumed, RECIPE, tmp_path / "part")
    assert torch.equal(weights_of(resumed), weights_of(whole))


def test_a_killed_run_ends_with_the_weights_of_an_unbroken_one(tmp_path):
    """SIGKILL, twice, at moments that nothing in the program knows of."""
    command = [sys.executable, "-m", "tests.train.engine.line_job"]
    subprocess.run([*command, tmp_path / "whole", tmp_path / "whole.pt"], cwd=ROOT, check=True, capture_output=True)
    for at_least in (7, 23):
        running = subprocess.Popen(
            [*command, tmp_path / "part", tmp_path / "part.pt"], cwd=ROOT, stderr=subprocess.DEVNULL
        )
        while sum("loss" in line for line in read_log(tmp_path / "part")) < at_least:
            assert running.poll() is None
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
        running.wait()
        assert not (tmp_path / "part.pt").exists()
    subprocess.run([*command, tmp_path / "part", tmp_path / "part.pt"], cwd=ROOT, check=True, capture_output=True)
    whole, part = (torch.load(tmp_path / f"{name}.pt", weights_only=True) for name in ("whole", "part"))
    assert all(torch.equal(whole[name], part[name]) for name in whole)
    assert [x.get("loss") for x in read_log(tmp_path / "whole")] == [x.get("loss") for x in read_log(tmp_path / "part")]


def test_a_state_of_another_run_is_refused(tmp_path):
    fit(LineJob(), replace(RECIPE, steps=2), tmp_path)
    other = LineJob()
    other.identity = {"stage": "curve"}
    with pytest.raises(ValueError, match="stage: got line, expected curve.*--no-resume"):
        fit(other, RECIPE, tmp_path)
    fit(other, replace(RECIPE, steps=2), tmp_path, resume=False)


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


def test_a_resumed_run_has_the_learning_rates_of_an_unbroken_one(tmp_path, recwarn):
    recipe = replace(RECIPE, validate_every=1000)
    fit(LineJob(), recipe, tmp_path / "whole")
    resume_at(13, recipe, tmp_path / "part", recipe)
    whole, part = ([x["learning_rate"] for x in read_log(tmp_path / n) if "loss" in x] for n in ("whole", "part"))
    assert part == whole and not [w for w in recwarn if "lr_scheduler" in str(w.message)]


def test_a_resumed_run_takes_a_new_learning_rate(tmp_path):
    recipe = replace(RECIPE, validate_every=1000)
    resume_at(13, recipe, tmp_path / "part", replace(recipe, learning_rate=recipe.learning_rate / 3))
    rates = [x["learning_rate"] for x in read_log(tmp_path / "part") if "loss" in x]
    fit(LineJob(), recipe, tmp_path / "whole")
    whole = [x["learning_rate"] for x in read_log(tmp_path / "whole") if "loss" in x]
    assert rates[:13] == whole[:13] and np.allclose(rates[13:], np.array(whole[13:]) / 3, rtol=1e-3, atol=1e-5)


def resume_at(step, recipe, run_dir, then):
    def stop(now, loss):
        if now == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(LineJob(), recipe, run_dir, on_step=stop)
    fit(LineJob(), then, run_dir)


def test_steps_or_epochs():
    assert replace(RECIPE, steps=None, epochs=30).n_steps(480) == 30 * 30
    with pytest.raises(ValueError, match="--epochs"):
        replace(RECIPE, steps=None).n_steps(480)


def test_averages_are_what_is_validated(tmp_path):
    training = Training(LineJob(), RECIPE, tmp_path)
    training.take_step()
    trained = training.modules["net"][1].weight.clone()
    with training.ema.applied(training.modules):
        assert not torch.equal(training.modules["net"][1].weight, trained)
    assert torch.equal(training.modules["net"][1].weight, trained)


def test_training_can_begin_with_trained_weights():
    module = torch.nn.Sequential(torch.nn.Linear(3, 2))
    with pytest.raises(FileNotFoundError, match="no .*safetensors"):
        load_weights({"net": module}, Path(__file__).parent)
    with pytest.raises(ValueError, match="does not fit this stage"):
        load_weights({"net": module}, DEMO / "clip")
    with pytest.raises(ValueError, match="got --start, which stage zoo-git does not use"):
        stages.run(stages.Order("zoo-git", start=DEMO / "git"))


def test_a_codec_that_is_trained_on_keeps_its_latents(tmp_path, monkeypatch):
    """Only the decoder moves: what was trained on the latents still fits."""
    monkeypatch.setattr(zoo_codec, "load", lambda n, frames: (np.zeros((4, 1, 3, 96, 96), np.uint8), None))
    job = zoo_codec.CodecJob(tmp_path, DEMO / "codec")
    known = LatentCodec.from_pretrained(DEMO / "codec")
    moving = {n for n, p in job.codec.vae.named_parameters() if p.requires_grad}
    assert moving and all(n.startswith(("decoder.", "post_quant_conv.")) for n in moving)
    pixels = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(job.codec.eval().encode(pixels), known.encode(pixels), atol=1e-5)


def test_shipped_weights_are_rounded_once(tmp_path):
    weight = torch.randn(64, 64, generator=torch.Generator().manual_seed(0)).half()
    save_file({"weight": weight}, tmp_path / "model.safetensors", metadata={"format": "pt"})
    shrink(tmp_path)
    rounded = load_file(tmp_path / "model.safetensors")["weight"]
    assert rounded.dtype == torch.float16 and torch.allclose(rounded, weight, rtol=2**-8, atol=0)
    packed = [len(zlib.compress(x.numpy().tobytes())) for x in (weight, rounded)]
    assert packed[1] < 0.9 * packed[0]
    before = (tmp_path / "model.safetensors").read_bytes()
    shrink(tmp_path)
    assert (tmp_path / "model.safetensors").read_bytes() == before


def test_shipped_weights_in_float32_become_what_half_precision_would(tmp_path):
    weight = torch.randn(64, 64, generator=torch.Generator().manual_seed(0))
    for name, value in (("whole", weight), ("half", weight.half())):
        (tmp_path / name).mkdir()
        save_file({"weight": value, "steps": torch.tensor([3])}, tmp_path / name / "model.safetensors")
        (tmp_path / name / "config.json").write_text(json.dumps({"dtype": "float32", "n": 3}))
        shrink(tmp_path / name)
    whole, half = (load_file(tmp_path / name / "model.safetensors") for name in ("whole", "half"))
    assert whole["weight"].dtype == torch.float16 and torch.equal(whole["weight"], half["weight"])
    assert whole["steps"].tolist() == [3]
    assert json.loads((tmp_path / "whole" / "config.json").read_text()) == {"dtype": "float16", "n": 3}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_models_are_saved_in_the_dtype_that_is_asked_for(tmp_path, dtype):
    vae = zoo_codec.build().vae
    save_model(vae, tmp_path, dtype)
    files = [load_file(path) for path in tmp_path.glob("*.safetensors")]
    assert {x.dtype for file in files for x in file.values()} == {dtype} and vae.dtype == torch.float32
    assert "_name_or_path" not in (tmp_path / "config.json").read_text()


def test_shipped_weights_reach_their_bars():
    """By the validation scores in their records."""
    records = {path.parent.name: json.loads(path.read_text()) for path in DEMO.glob("*/training.json")}
    short = [
        f"{role}: {name}"
        for role, record in records.items()
        for name, bar in record.get("bars", {}).items()
        if record["scores"][name] < bar
    ]
    assert len(records) == 10 and not short


def test_the_record_says_how_weights_came_about():
    cards = [json.loads(p.read_text()) for p in DEMO.glob("*/*/training.json")]
    assert cards and all(card["share of the time in the network"] > 0.9 for card in cards)
    assert all("--stage" in card["command"] and card["scores"] for card in cards)

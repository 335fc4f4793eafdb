"""A run that was stopped or killed goes on exactly where it was."""

import signal
import subprocess
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from neuroclips.errors import InputError
from neuroclips.paths import ROOT
from neuroclips.train.engine import checkpoint, training
from neuroclips.train.engine.log import LOG, open_log, read_log
from neuroclips.train.engine.loop import fit
from tests.train.engine.line_job import RECIPE, LineJob


def weights_of(job):
    return torch.cat([p.detach().flatten() for p in job.net.parameters()])


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


def test_a_log_whose_last_line_a_kill_has_cut_does_not_stop_a_run(tmp_path):
    """Nor is it read as a line; any other line that is none is told."""
    fit(LineJob(), replace(RECIPE, steps=9), tmp_path / "whole")
    resume_at(5, replace(RECIPE, steps=9), tmp_path / "part", replace(RECIPE, steps=9))
    log = tmp_path / "part" / "log.jsonl"
    for cut in (1, 9, 40):
        log.write_bytes((tmp_path / "whole" / "log.jsonl").read_bytes()[:-cut])
        n_whole = log.read_bytes().count(b"\n")
        assert len(read_log(tmp_path / "part")) == n_whole + (cut == 1)
    fit(LineJob(), replace(RECIPE, steps=12), tmp_path / "part")
    assert [x["step"] for x in read_log(tmp_path / "part") if "loss" in x] == list(range(12))
    lines = log.read_text().splitlines()
    for line in ("", "{", "3", '{"loss": 1.0}', "\x00"):
        log.write_text("\n".join([lines[0], line, *lines[2:], ""]))
        if line:
            with pytest.raises(InputError, match=r"log.jsonl: got line 2 that is no step of a run"):
                read_log(tmp_path / "part")


DAMAGES = {
    "empty": (lambda whole: b"", "got an empty file"),
    "cut": (lambda whole: whole[: len(whole) // 2], "got a file that does not read"),
    "pointer": (lambda whole: b"version https://git-lfs.github.com/spec/v1\n", "got a pointer of git-lfs"),
}


@pytest.mark.parametrize("name", ["last", "best"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_state_is_named_with_what_to_do(damage, name, tmp_path):
    fit(LineJob(), replace(RECIPE, steps=2), tmp_path)
    change, says = DAMAGES[damage]
    (tmp_path / f"{name}.pt").write_bytes(change((tmp_path / f"{name}.pt").read_bytes()))
    with pytest.raises(InputError, match=f"{name}.pt: {says}.*use --no-resume") as raised:
        checkpoint.read(tmp_path, name, {})
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "state", [[1], torch.ones(2), {}, {"identity": 3}, {"identity": {}}, {"identity": {}, "step": 1}]
)
def test_what_is_no_state_is_refused(state, tmp_path):
    torch.save(state, tmp_path / "last.pt")
    with pytest.raises(InputError, match="last.pt: got a .*expected the state of a run: use --no-resume"):
        checkpoint.read(tmp_path, "last", {})


def resume_at(step, recipe, run_dir, then):
    def stop(now, loss):
        if now == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(LineJob(), recipe, run_dir, on_step=stop)
    fit(LineJob(), then, run_dir)


def test_a_line_of_the_log_that_was_never_finished_is_left_out(tmp_path):
    """As a full disk leaves it. Scores that are not finite are JSON, too, and come back."""
    (tmp_path / LOG).write_text('{"step": 0, "validation": {"error": "NaN"}}\n{"step": 1, "lo')
    (line,) = read_log(tmp_path)
    assert np.isnan(line["validation"]["error"])
    open_log(tmp_path, 1).close()
    assert (tmp_path / LOG).read_text() == '{"step": 0, "validation": {"error": "NaN"}}\n'


def test_a_run_by_the_clock_ends_on_time_and_goes_on_with_what_is_left(tmp_path, monkeypatch):
    """A clock on which every step takes a fiftieth of the time: all is as in a run of fifty steps."""
    clock, shares = SimpleNamespace(now=0.0, perf_counter=time.perf_counter), []
    clock.monotonic = lambda: clock.now
    monkeypatch.setattr(training, "time", clock)

    class Timed(LineJob):
        def batch(self, turn):
            clock.now += 0.2
            shares.append(turn.share)
            return super().batch(turn)

    def stop(step, loss):
        if step == 20:
            raise KeyboardInterrupt

    recipe = replace(RECIPE, steps=None, seconds=10.0, validate_every=1000)
    with pytest.raises(KeyboardInterrupt):
        fit(Timed(), recipe, tmp_path / "clock", on_step=stop)
    clock.now += 100  # between the two
    fit(Timed(), recipe, tmp_path / "clock")
    fit(LineJob(), replace(recipe, steps=50, seconds=None), tmp_path / "steps")
    rates = [[x["learning_rate"] for x in read_log(tmp_path / n) if "loss" in x] for n in ("clock", "steps")]
    assert len(rates[0]) == 50 and np.argmax(rates[0]) in (2, 3)
    assert np.allclose(rates[0][4:], rates[1][4:], atol=0.05 * recipe.learning_rate)
    assert np.allclose(shares[:21] + shares[22:], np.arange(50) / 50, atol=1e-3) and len(shares) == 51
    fit(Timed(), recipe, tmp_path / "clock")
    assert len(shares) == 51  # nothing was left to do

"""The app: its callbacks, and the whole page in a real browser."""

import json
import os
import threading
import time

import numpy as np
import pytest

from neuroclips import viz
from neuroclips.data.simulated import STANDARD
from neuroclips.data.training import open_training
from neuroclips.errors import InputError
from neuroclips.paths import cache_dir
from neuroclips.preprocessing.clean import PreprocessConfig
from neuroclips.train.engine.checkpoint import LOG
from neuroclips.train.engine.hold import held
from neuroclips.train.targets.encoders import weights_key
from neuroclips.types import Request, Settings, Step
from neuroclips.ui import session, training
from neuroclips.ui.training import TrainingRun
from neuroclips.zoo import zoo_named


def test_closing_the_stream_stops_the_work():
    events = session.stages(Request(1, 9, Settings(video_steps=25)))
    for event in events:
        if getattr(event, "step", None) == Step.VIDEO and event.fraction > 0:
            break
    busy = {t for t in threading.enumerate() if t.daemon and "run" in t.name}
    assert busy  # the worker of this reconstruction
    events.close()
    assert not any(t.is_alive() for t in busy)


def test_a_training_run_starts_logs_and_stops(tmp_path, monkeypatch):
    """A real process of the real command, on random data so that it starts in seconds."""
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path))
    fmri = np.random.default_rng(0).standard_normal((18 * 240, 2, 40)).astype(np.float32)
    home = cache_dir("simulated", "subject1")
    np.save(home / "train_fmri.npy", fmri)
    np.save(home / "test_fmri.npy", fmri[:1200].repeat(5, 1))
    np.save(home / "vertex_index.npy", np.arange(40))
    tested = {"n_tested": 40, "n_passed": 40, "missing_runs": [], **vars(PreprocessConfig())}
    meta = {**STANDARD, **tested, "subject": "subject1", "n_voxels": 40, "tr": 2.0}
    (home / "meta.json").write_text(json.dumps(meta))
    data = open_training("simulated")
    name = f"{data.name}_{data.key}_tokens_{weights_key(zoo_named().part('clip'))}.npy"
    tokens = np.lib.format.open_memmap(cache_dir("targets") / name, "w+", np.float16, (4320, 6, 16, 128))
    tokens[:] = np.random.default_rng(1).standard_normal((4320, 1, 16, 128))
    run = TrainingRun()
    run.start("semantic", 1, 2000)
    with pytest.raises(ValueError, match="still running"):
        run.start("perception", 1, 50)
    for _ in range(240):
        if sum("loss" in line for line in run.log()) >= 3:
            break
        assert run.running, run.status()
        time.sleep(0.5)
    assert "Training semantic" in run.status() and all(np.isfinite(line["loss"]) for line in run.log())
    run.stop()
    assert not run.running and "Stopped" in run.status()


def test_a_run_folder_in_which_another_process_trains_is_left_alone(tmp_path, monkeypatch):
    """Another server of the same user: its log stays."""
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path))
    folder = cache_dir("training", "semantic-subject1")
    (folder / LOG).write_text("kept")
    with held(folder), pytest.raises(InputError, match=rf"in which process {os.getpid()} on .* trains"):
        TrainingRun().start("semantic", 1, 50)
    assert (folder / LOG).read_text() == "kept" and not (folder / "output.txt").exists()


def test_steps_are_told_to_stages_that_take_them(tmp_path, monkeypatch):
    """The linear baseline is solved at once and would refuse the option."""
    asked = []
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path))
    monkeypatch.setattr(training.subprocess, "Popen", lambda command, **_: asked.append(command))
    for stage in training.STAGES:
        TrainingRun().start(stage, 2, 70)
    assert ["70" in command for command in asked] == [True, True, True, False]


def test_the_training_figure_has_losses_and_validation():
    log = [{"step": s, "loss": 1 / (s + 1), "learning_rate": 0.1} for s in range(30)]
    log[20:20] = [{"step": 19, "validation": {"retrieval": 0.2, "fMRI retrieval": 0.1}}]
    left, right = viz.training_figure(log, "a run").axes
    assert len(left.lines) == 2 and [line.get_label() for line in right.lines] == [
        "validation retrieval",
        "validation fMRI retrieval",
    ]
    assert right.lines[0].get_ydata().tolist() == [0.2]

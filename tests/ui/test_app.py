"""The app: its callbacks, and the whole page in a real browser."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from neuroclips import precomputed, viz
from neuroclips.brain.cortex import load_cortex
from neuroclips.brain.weights_map import mean_weight, to_cortex
from neuroclips.data.simulated import STANDARD
from neuroclips.data.training import open_training
from neuroclips.errors import InputError
from neuroclips.paths import ROOT, cache_dir
from neuroclips.preprocessing.clean import PreprocessConfig
from neuroclips.reconstructors import weights
from neuroclips.train.engine.hold import held
from neuroclips.train.engine.log import LOG
from neuroclips.train.targets.encoders import weights_key
from neuroclips.types import Request, Settings, Step
from neuroclips.ui import decode, flatmap, page, panels, session, stored, training
from neuroclips.ui.training import TrainingRun
from neuroclips.zoo import zoo_named
from tests.conftest import DEMO
from tests.ui.chromium import open_tab


def test_page_builds_with_every_shipped_clip():
    assert page.build() is not None
    assert len(stored.thumbnails(1)) == 300
    assert "simulated" in panels.BANNER.lower() and "demo" in panels.BANNER.lower()


def test_the_first_screen_is_precomputed_and_says_that_it_was_chosen_by_score():
    best = precomputed.marks(1)["best"]
    player, _, scores, status = decode.show(1, best)
    assert "**precomputed**" in status and {c["note"] for c in player["items"][1:]} == {"precomputed"} and scores
    assert "This subject's best clip with all guidances, chosen by score (frame 2-way, then SSIM)" in status
    assert (str(best), "best") in {tuple(label.split()) for _, label in stored.thumbnails(1) if " " in label}


def test_decode_streams_stages_and_labels_them_as_computed_now():
    seen = list(decode.decode(1, 8, True, True, False, 0, 4))
    player, times, scores, status = seen[-1]
    notes = {c["label"]: c["note"] for c in player["items"]}
    assert "computed now" in status and "computed now" in notes["Final video"] and "flat-colour" in scores
    assert player["items"][3]["text"] == "a smooth video" and "video" in times
    assert len(seen) > 10  # stage by stage, step by step


def test_closing_the_stream_stops_the_work():
    events = session.stages(Request(1, 9, Settings(video_steps=25)))
    for event in events:
        if getattr(event, "step", None) == Step.VIDEO and event.fraction > 0:
            break
    busy = {t for t in threading.enumerate() if t.daemon and "run" in t.name}
    assert busy  # the worker of this reconstruction
    events.close()
    assert not any(t.is_alive() for t in busy)


def test_flat_map_shows_weights_where_there_are_voxels(data):
    values = mean_weight(weights.load(DEMO / "subject1" / "perception").voxel_weights.numpy())
    index = data.vertex_index(1)
    cortex = to_cortex(values, index)
    assert values.shape == index.shape and 0 <= values.min() and values.max() <= 1
    assert np.isfinite(cortex[index]).all() and np.isnan(cortex).mean() > 0.3
    area = load_cortex().area[index]
    assert values[area == "V1"].mean() > values[np.isin(area, ["TF", "PGs", "TE1p"])].mean()  # perception is early
    packed = flatmap.pack(cortex, "note")
    assert len(packed["b64"]) == 4 * -(-59_412 // 3)


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


def test_files_of_live_runs_are_kept_for_a_day(tmp_path):
    mine = session.new_folder(tmp_path)
    for name, age in (("live-old", 25), ("tmpold", 25), ("live-new", 23), ("other", 25)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "video.mp4").touch()
        os.utime(tmp_path / name, (time.time() - age * 3600,) * 2)
    (tmp_path / "ground_truth_000.mp4").touch()
    other = session.new_folder(tmp_path)
    kept = {mine.name, other.name, "live-new", "other", "ground_truth_000.mp4"}
    assert {path.name for path in tmp_path.iterdir()} == kept


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


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (tmp_path_factory.mktemp("app") / "log.txt").open("w")
    command = [sys.executable, "app.py", "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, "HF_HUB_OFFLINE": "1"})
    url = f"http://127.0.0.1:{port}"
    for _ in range(240):
        try:
            urllib.request.urlopen(url, timeout=2)
            break
        except OSError:
            assert server.poll() is None, Path(log.name).read_text()
            time.sleep(0.5)
    yield url
    server.terminate()
    server.wait(10)


@pytest.fixture
def browser_page(address):
    with open_tab() as tab:
        tab.goto(address)
        tab.wait_for_selector("#player video", timeout=60_000)
        yield tab


@pytest.mark.browser
def test_one_full_reconstruction_in_the_browser(browser_page):
    tab = browser_page
    tab.wait_for_selector("#status:has-text('precomputed')")
    tab.wait_for_selector("[data-drawn*='ridge']", state="attached", timeout=30_000)
    assert "Simulated data, demo models" in tab.inner_text("body")
    tab.click("#gallery button >> nth=5")
    tab.wait_for_selector("#status:has-text('Clip 5')", timeout=20_000)
    tab.click("#go")
    tab.wait_for_selector("#status:has-text('computed now')", timeout=120_000)
    assert tab.locator("#player video").count() == 3 and tab.locator("#player img").count() == 1
    assert "computed now" in tab.inner_text("#player") and tab.inner_text("#player blockquote")
    tab.wait_for_function(
        "[...document.querySelectorAll('#player video')].every(v => v.readyState > 1 && !v.paused)", timeout=20_000
    )
    inked = tab.evaluate(
        "() => {const c = document.querySelector('#flat canvas'), d = c.getContext('2d')"
        ".getImageData(0, 0, c.width, c.height).data; let n = 0;"
        "for (let i = 0; i < d.length; i += 4) if (d[i + 3] && Math.abs(d[i] - d[i + 2]) > 40) n++; return n}"
    )
    assert inked > 1000  # coloured pixels: the map shows weights


@pytest.mark.browser
def test_cancel_frees_the_page(browser_page):
    tab = browser_page
    tab.wait_for_selector("#status:has-text('precomputed')")
    tab.fill("#video_steps input[type=number]", "50")  # else it is over before one can cancel
    tab.press("#video_steps input[type=number]", "Tab")
    tab.click("#go")
    tab.wait_for_selector("#status:has-text('computing now')", timeout=20_000)
    tab.click("#cancel")
    tab.wait_for_selector("#status:has-text('precomputed')", timeout=20_000)
    tab.wait_for_timeout(1500)
    assert "computing now" not in tab.inner_text("#status")

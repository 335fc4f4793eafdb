"""The app: its callbacks, and the whole page in a real browser."""

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

from neuroclips import precomputed
from neuroclips.brain.cortex import load_cortex
from neuroclips.brain.weights_map import mean_weight, to_cortex
from neuroclips.paths import ROOT
from neuroclips.reconstructors import weights
from neuroclips.types import Request, Settings, Step
from neuroclips.ui import decode, flatmap, page, panels, session, stored
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

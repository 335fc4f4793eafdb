"""The function that owns a run, off a Space and as ZeroGPU runs it: in another process, which pickles what it gives."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from neuroclips.paths import ROOT
from neuroclips.types import Request, Result, Settings, Stage, Step
from neuroclips.ui import gpu

FORKS = hasattr(os, "fork")
STAND_IN = Path(__file__).parent / "zero_gpu"


def on_zero_gpu(code: str, tmp_path: Path) -> dict:
    """What code prints as JSON in a process of its own, in which `spaces` is the stand-in."""
    env = os.environ | {"PYTHONPATH": str(STAND_IN), "SPACES_ZERO_GPU": "true", "NEUROCLIPS_CACHE": str(tmp_path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_without_the_package_a_function_stays_as_it_is():
    assert gpu.spaces is None and gpu.on_gpu(len) is len and not gpu.is_lent()


def test_longer_runs_ask_for_more_time_but_no_more_than_a_visitor_has():
    short, long = (gpu.seconds_for(Request(1, 0, Settings(video_steps=n))) for n in (1, 50))
    assert 30 <= short < long < gpu.seconds_for(Request(1, 0, Settings(video_steps=1000))) == 120
    assert gpu.seconds_for(Request(1, 0)) == gpu.seconds_for(Request(1, 0, Settings()))


def test_a_run_here_gives_stages_and_then_the_result():
    *stages, result = gpu.run(Request(1, 3, Settings(video_steps=1)))
    assert isinstance(result, Result) and all(isinstance(event, Stage) for event in stages)
    assert {event.step for event in stages if event.fraction == 1} == set(Step)


BUILD = """
import json, sys
from neuroclips.ui import launch
page = launch._page()[1]
page.build()
import spaces
print(json.dumps({"before": spaces.IMPORTED_BEFORE, "decorated": spaces.DECORATED}))
"""


def test_spaces_comes_before_torch_and_the_page_has_one_decorated_function(tmp_path):
    found = on_zero_gpu(BUILD, tmp_path)
    assert found == {"before": [], "decorated": ["neuroclips.ui.gpu._owned"]}


RUN = """
import json
import neuroclips.ui.gpu as gpu
from neuroclips.types import Guidance, Request, Result, Settings, Step
from neuroclips.ui import warm
import spaces, sys

warm.load_libraries()  # as the app does, so that each process need not
held = "torch" in sys.modules
events = list(gpu.run(Request(1, 3, Settings(video_steps=2))))
result = events[-1]
heard = []
cancelled = gpu.run(Request(1, 3, Settings(Guidance(True, False, False), video_steps=500)))
for event in cancelled:
    heard.append(event)
    if event.step == Step.VIDEO and event.fraction > 0:
        break
cancelled.close()
try:
    refused = list(gpu.run(Request(9, 3)))
except ValueError as error:
    refused = [type(error).__name__, str(error)]
print(json.dumps({
    "result": isinstance(result, Result),
    "video": list(result.reconstruction.video.shape),
    "device": result.reconstruction.video.device.type,
    "finished": [e.step for e in events[:-1] if e.fraction == 1],
    "recalled": [e.step for e in heard if e.recalled],
    "codes": [p.exitcode for p in spaces.PROCESSES],
    "refused": refused,
    "held": held,
    "previews": sum(e.preview is not None for e in events[:-1]),
}))
"""


@pytest.mark.skipif(not FORKS, reason="ZeroGPU forks, and this system does not")
def test_as_zero_gpu_runs_it_all_comes_across_and_cancelling_ends_the_process(tmp_path):
    found = on_zero_gpu(RUN, tmp_path)
    assert found["result"] and found["video"] == [16, 3, 128, 128] and found["device"] == "cpu"
    assert set(found["finished"]) == set(Step)
    assert found["recalled"] == []  # a process forgets
    assert found["codes"] == [0, 0, 0]  # the cancelled one ended by itself, long before its 500 steps
    assert found["refused"][0] == "InputError" and "subject" in found["refused"][1]
    assert found["held"] and found["previews"] > 0

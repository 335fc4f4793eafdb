"""One training at a time in a run folder."""

import json
import os
import subprocess
import sys

import pytest

from neuroclips.errors import InputError
from neuroclips.paths import ROOT
from neuroclips.train.engine.hold import held, refuse_held

HOLD = """
import sys, time
from pathlib import Path
from neuroclips.train.engine.hold import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_training_is_refused_with_who_holds_the_folder_until_that_is_killed(tmp_path, monkeypatch):
    run_dir = tmp_path / "run"
    start = [sys.executable, "-c", HOLD, str(run_dir)]
    holder = subprocess.Popen(start, cwd=ROOT, stdout=subprocess.PIPE)
    assert holder.stdout.readline()
    for refused in (lambda: held(run_dir).__enter__(), lambda: refuse_held(run_dir)):
        with pytest.raises(InputError, match=rf"in which process {holder.pid} on .* \(since 20.*: -c .*run\) trains"):
            refused()
    monkeypatch.setenv("RANK", "1")
    with held(run_dir):  # of processes that train together, the first holds it for all
        pass
    monkeypatch.delenv("RANK")
    holder.kill()
    holder.communicate()
    refuse_held(run_dir)
    with held(run_dir):
        assert json.loads((run_dir / "holder.json").read_text())["pid"] == os.getpid()
    assert not (run_dir / "holder.json").exists()


def test_who_only_looks_makes_nothing_and_a_launcher_may_say_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("RANK", "")
    refuse_held(tmp_path / "run")
    assert not (tmp_path / "run").exists()
    with held(tmp_path / "run"):
        assert (tmp_path / "run" / "holder.json").exists()

"""Files that are whole or not there: full disks, killed writers, numbers that JSON has not."""

import json
import math
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from neuroclips import files
from neuroclips.files import HERE, from_json, to_json, whole_file, whole_files, write_json
from neuroclips.paths import ROOT

GONE = 2**22 + 1  # more than Linux numbers processes


def test_what_fails_leaves_the_file_that_was_there(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(OSError, match="full"), whole_file(path) as partial:
        partial.write_text("ne")
        assert partial.suffix == ".txt"
        raise OSError("disk full")
    assert path.read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_files_that_belong_together_come_together_or_not_at_all(tmp_path):
    with whole_files(tmp_path, "last.json") as new:
        for name in ("film", "old.film", "last.json"):
            (new / name).write_text("old")
    with pytest.raises(OSError, match="full"), whole_files(tmp_path, "last.json", gone=("*.film",)) as new:
        (new / "film").write_text("new")
        raise OSError("disk full")
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == dict.fromkeys(
        ("film", "old.film", "last.json"), "old"
    )
    with whole_files(tmp_path, "last.json", gone=("*.film",)) as new:
        for name in ("film", "last.json"):
            (new / name).write_text("new")
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == dict.fromkeys(("film", "last.json"), "new")


def test_whoever_is_killed_between_two_files_leaves_none_that_tells_of_others(tmp_path, monkeypatch):
    """As SIGKILL would, when one film of two has taken its place."""
    for name in ("film", "last.json"):
        (tmp_path / name).write_text("old")
    real = files.Path.replace

    def killed_at_the_json(path, target):
        if target.name == "last.json":
            raise KeyboardInterrupt
        return real(path, target)

    monkeypatch.setattr(files.Path, "replace", killed_at_the_json)
    with pytest.raises(KeyboardInterrupt), whole_files(tmp_path, "last.json") as new:
        for name in ("last.json", "film"):
            (new / name).write_text("new")
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"film": "new"}


def test_unfinished_files_of_processes_that_are_no_more_are_swept(tmp_path):
    """Those of this machine alone: another's processes are not known here."""
    of_the_dead = [f".part-{HERE}-{GONE}-aa-x.npy", f".part-{HERE}-{GONE}-bb-files"]
    kept = [f".part-{HERE}-{os.getpid()}-aa-x.npy", f".part-elsewhere-{GONE}-aa-x.npy", ".part-x.npy"]
    for name in [of_the_dead[0], *kept]:
        (tmp_path / name).write_text("half")
    (tmp_path / of_the_dead[1]).mkdir()
    (tmp_path / of_the_dead[1] / "film").write_text("half")
    write_json(tmp_path / "a.json", 1)
    assert {p.name for p in tmp_path.iterdir()} == {*kept, "a.json"}


WRITE = """
import sys, time
from pathlib import Path
from neuroclips.files import whole_files
with whole_files(Path(sys.argv[1]), "last.json") as new:
    (new / "film").write_text("half")
    print("writing", flush=True)
    time.sleep(60)
"""


def test_what_a_killed_process_left_is_swept_by_the_next(tmp_path):
    writer = subprocess.Popen([sys.executable, "-c", WRITE, tmp_path], cwd=ROOT, stdout=subprocess.PIPE)
    assert writer.stdout.readline()
    writer.kill()
    writer.communicate()
    assert [p.name[:6] for p in tmp_path.iterdir()] == [".part-"]
    write_json(tmp_path / "last.json", {})
    assert [p.name for p in tmp_path.iterdir()] == ["last.json"]


def test_json_has_no_numbers_that_are_not_finite(tmp_path):
    value = {"psnr": math.inf, "all": {"low": -math.inf, "none": math.nan, "some": [1.5, math.inf]}, "word": "x"}
    write_json(tmp_path / "a.json", value)
    text = (tmp_path / "a.json").read_text()
    strict = json.loads(text, parse_constant=pytest.fail)
    assert strict["psnr"] == "Infinity" and strict["all"] == {
        "low": "-Infinity",
        "none": "NaN",
        "some": [1.5, "Infinity"],
    }
    back = from_json(to_json(value))
    assert back["psnr"] == math.inf and back["all"]["low"] == -math.inf and math.isnan(back["all"]["none"])
    assert back["word"] == "x"


HOLD = """
import sys, time
from pathlib import Path
from neuroclips.files import one_at_a_time
with one_at_a_time(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_lock_is_free_again_when_its_holder_is_killed(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], cwd=ROOT, stdout=subprocess.PIPE)
    assert holder.stdout.readline()
    waiter = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], cwd=ROOT, stdout=subprocess.PIPE)
    time.sleep(1)
    holder.kill()
    assert waiter.stdout.readline()
    waiter.kill()
    holder.communicate(), waiter.communicate()


def test_two_writers_of_one_folder_never_mix_their_files(tmp_path):
    """Whoever finds the file that tells of the others finds those of the same writer, or it is being replaced."""

    def write(name):
        for _ in range(60):
            with whole_files(tmp_path, "last.json", gone=("film*",)) as new:
                for file in (f"film-{name}", "shared", "last.json"):
                    (new / file).write_text(name)

    writers = [threading.Thread(target=write, args=name) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    (name,) = {(tmp_path / file).read_text() for file in ("shared", "last.json")}
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"film-{name}", "last.json", "shared"]


def test_numbers_of_numpy_are_numbers():
    assert to_json({"seed": np.int64(3), "theta": np.float32(0.5), "psnr": np.float64("inf")}) == (
        '{"seed": 3, "theta": 0.5, "psnr": "Infinity"}'
    )

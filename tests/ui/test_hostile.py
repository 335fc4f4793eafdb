"""What makes no sense, as an API client may send it, ends in one line and never in a picture."""

import socket
import subprocess
import sys

import pytest

from neuroclips.errors import InputError
from neuroclips.paths import cache_dir
from neuroclips.train.engine.checkpoint import LOG, open_log, read_log
from neuroclips.ui import asked, launch, training
from neuroclips.ui.choices import choices
from neuroclips.ui.training import TrainingRun
from neuroclips.zoo import zoo_named

NAN, INFINITE = float("nan"), float("inf")
NO_NUMBERS = (None, "abc", "7", True, [1], {}, NAN, INFINITE, -1, -0.5, 1.5, 10**9, 10**20, 1e300)
NO_SUBJECTS = (*NO_NUMBERS, 0, 7, "../../x")
ZOO = zoo_named()
CHOICES = choices(ZOO)
RIGHT = {"subject": 1, "clip": 3, "seed": 0, "alpha": True, "beta": True, "gamma": True, "keep_keyframe": False}
RIGHT |= {choice.field: getattr(ZOO.settings, choice.field) for choice in CHOICES}
WRONG = {"subject": NO_SUBJECTS, "clip": NO_NUMBERS, "seed": [x for x in NO_NUMBERS if x != 10**9]}
WRONG |= dict.fromkeys(("alpha", "beta", "gamma", "keep_keyframe"), ("no", None, 2, 0.5, [True]))
WRONG |= {choice.field: (*NO_NUMBERS[:8], -1, 10**9, 1e300) for choice in CHOICES}
WRONG |= {c.field: (*WRONG[c.field], 1.5) for c in CHOICES if isinstance(getattr(ZOO.settings, c.field), int)}


@pytest.mark.parametrize("name", WRONG)
def test_a_value_that_makes_no_sense_is_refused_before_anything_runs(name):
    for value in WRONG[name]:
        with pytest.raises(InputError, match=f"^got {name.replace('_', ' ')} ") as caught:
            asked.request_of(RIGHT | {name: value})
        assert "\n" not in str(caught.value) and len(str(caught.value)) < 250


def test_what_nobody_knows_is_refused():
    for name in ("edits", "reconstructors", "zoo", "source", "__class__"):
        with pytest.raises(InputError, match=f"^got {name}, expected some of: subject, clip"):
            asked.request_of(RIGHT | {name: "x"})


def test_whole_numbers_may_be_sent_with_a_point():
    assert asked.request_of({"subject": 1.0, "clip": 3.0}) == asked.request_of({"subject": 1, "clip": 3})


def test_equal_requests_have_one_key_and_others_another():
    base = {"subject": 1, "clip": 3}
    assert asked.key(asked.request_of(base)) == asked.key(asked.request_of(RIGHT))
    others = [{"clip": 4}, {"subject": 2}, {"seed": 1}, {"gamma": False}, {"theta": 0.4}, {"captioner": "git"}]
    assert len({asked.key(asked.request_of(base | other)) for other in others}) == len(others)


def test_nothing_is_trained_that_makes_no_sense(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path))
    monkeypatch.setattr(training.subprocess, "Popen", lambda *_, **__: pytest.fail("a process was started"))
    wrong = [("semantic", subject, 300) for subject in NO_SUBJECTS]
    wrong += [("semantic", 1, steps) for steps in (*NO_NUMBERS, 0, 49, 2001)]
    wrong += [(stage, 1, 300) for stage in (None, "x", 3, ["prior"], "clip", "../x")]  # clip is one, but not here
    for stage, subject, steps in wrong:
        with pytest.raises(InputError, match=r"^got (stage|subject|steps) .*, (expected|simulated has) .*$"):
            TrainingRun().start(stage, subject, steps)
    assert not list(cache_dir("training").iterdir())


def test_a_log_is_read_up_to_the_line_that_is_being_written(tmp_path):
    whole = '{"step": 0, "loss": 1.5}\n{"step": 0, "validation": {"mse": 0.5}}\n{"step": 1, "loss": 1.25}\n'
    for cut in range(len(whole)):
        (tmp_path / LOG).write_text(whole[:cut])
        lines = read_log(tmp_path)
        assert len(lines) in (whole[:cut].count("\n"), whole[:cut].count("\n") + 1) and all("step" in x for x in lines)
    (tmp_path / LOG).write_bytes(whole.encode()[:-3] + b"\xff")
    open_log(tmp_path, 1).close()  # a run that was killed goes on
    assert read_log(tmp_path) == [{"step": 0, "loss": 1.5}, {"step": 0, "validation": {"mse": 0.5}}]


@pytest.mark.parametrize("output", [None, b"", b"42%|\xe2\x96\x88\xe2\x96", b"one\rtwo \xff\xfe", b"\n\n"])
def test_the_status_of_a_run_copes_with_cut_output(tmp_path, monkeypatch, output):
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path))
    run = TrainingRun()
    run.title, run.process = "semantic, subject 1", subprocess.Popen([sys.executable, "-c", "raise SystemExit(1)"])
    run.process.wait()
    (run.folder / LOG).write_text('{"step": 0, "loss": 1.5}\n{"st')
    if output is not None:
        (run.folder / "output.txt").write_bytes(output)
    assert run.status().startswith("Failed: semantic, subject 1.") and len(run.log()) == 1


@pytest.mark.parametrize("port", ["abc", "99999", "-1", "busy"])
def test_where_the_app_cannot_listen_is_told_in_one_line(capsys, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        given = str(taken.getsockname()[1]) if port == "busy" else port
        with pytest.raises(SystemExit, match="^2$"):
            launch.main([f"--port={given}"])
    last = capsys.readouterr().err.splitlines()[-1]
    assert "--port" in last and given in last

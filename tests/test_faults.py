"""What a command says when it fails, and that libraries say nothing: real processes and real faults of torch."""

import json
import os
import subprocess
import sys

import pytest
import torch
import typer
from typer.testing import CliRunner

from neuroclips.cli.root import options
from neuroclips.errors import MissingError
from neuroclips.faults import one_line_errors, tracebacks
from neuroclips.paths import ROOT


def invoke(command, *given: str):
    """Run a function as the only verb of a command line that has --debug, as ours has."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.callback()(options)
    app.command("verb")(one_line_errors(command))
    return CliRunner().invoke(app, [*given, "verb"])


def bad_input():
    raise MissingError("got no file, expected one: make it")


def torch_fault():
    torch.zeros(2, 3) @ torch.zeros(4, 5)


def test_bad_input_is_one_line_and_exit_code_2():
    result = invoke(bad_input)
    assert (result.exit_code, result.stderr) == (2, "neuroclips: got no file, expected one: make it\n")


def test_a_fault_of_ours_is_not_dressed_as_bad_input():
    result = invoke(torch_fault)
    assert result.exit_code == 1 and len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("neuroclips: unexpected fault: RuntimeError: mat1 and mat2 shapes")
    assert "--debug" in result.stderr


@pytest.mark.parametrize(("command", "code"), [(bad_input, 2), (torch_fault, 1)])
def test_debug_shows_where_both_kinds_come_from(command, code):
    result = invoke(command, "--debug")
    assert result.exit_code == code and "Traceback" in result.stderr and f"in {command.__name__}" in result.stderr
    assert "Traceback" not in invoke(command).stderr


def test_ctrl_c_and_typers_own_exits_keep_their_codes():
    def interrupted():
        raise KeyboardInterrupt

    def ended():
        raise typer.Exit(7)

    assert invoke(interrupted).exit_code == 130 and invoke(ended).exit_code == 7


def test_without_the_app_extra_one_line_says_what_to_install(tmp_path):
    (tmp_path / "gradio.py").write_text("raise ModuleNotFoundError('No module named gradio', name='gradio')")
    done = neuroclips("app", path=tmp_path)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "neuroclips[app]" in done.stderr


def test_stdout_is_one_json_document_and_stderr_is_empty(tmp_path):
    done = neuroclips("reconstruct", "--clip", "4", "--out", str(tmp_path), "--json")
    assert done.returncode == 0 and done.stderr == ""
    assert json.loads(done.stdout) == json.loads((tmp_path / "reconstruction.json").read_text())


def test_only_our_own_progress_is_on_stderr(tmp_path):
    done = neuroclips("reconstruct", "--clip", "4", "--out", str(tmp_path))
    steps = ("blurry video", "brain tokens", "image tokens", "keyframe", "caption", "video")
    assert all(line.startswith(steps) for line in done.stderr.replace("\r", "\n").split("\n") if line.strip())
    assert done.stdout.startswith("subject 1, clip 4")


def neuroclips(*arguments: str, path=ROOT) -> subprocess.CompletedProcess:
    """A real `python -m neuroclips`, with `path` before all others among the places of modules."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (path, ROOT)))}
    command = [sys.executable, "-m", "neuroclips", *arguments]
    return subprocess.run(command, cwd=path, env=env, capture_output=True, text=True)


@pytest.fixture(autouse=True)
def _no_debug_afterwards():
    yield
    tracebacks.set(False)


def test_a_warning_is_one_line_in_every_verb():
    """In a process of its own, for pytest takes warnings for itself."""
    code = """
import warnings, typer
from neuroclips.cli.root import options
from neuroclips.faults import one_line_errors

def verb():
    warnings.warn("raw.npy: got samples\\nof mean 7")

app = typer.Typer()
app.callback()(options)
app.command("verb")(one_line_errors(verb))
app()
"""
    for debug, shown in (([], "neuroclips: raw.npy: got samples of mean 7\n"), (["--debug"], "UserWarning: raw.npy")):
        done = subprocess.run([sys.executable, "-c", code, *debug, "verb"], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0 and (done.stderr == shown if not debug else shown in done.stderr), done.stderr

"""Jobs of a cluster: what each of them runs, by submitit's executor for one machine, and what is refused before."""

import json
import sys

import pytest
from typer.testing import CliRunner

from neuroclips.cli import app, cluster
from tests.test_testsets import TYPED, frames


def submit(*words):
    return CliRunner().invoke(app, ["submit", *map(str, words)])


def test_two_jobs_make_all_clips(tmp_path):
    """The jobs are processes of this machine; Ctrl-C and the clock are SLURM's to test."""
    words = ["reconstruct", "--clips", "0,1", "--batch-size", 1, "--out", tmp_path / "all", *TYPED]
    result = submit("--jobs", 2, "--logs", tmp_path / "logs", "--wait", "--", *words)
    logs = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "logs").glob("*.err"))
    assert result.exit_code == 0, result.output + logs
    assert result.stdout.count("--portion") == 2 and logs.count(" made: ") == 2
    assert set(frames(tmp_path / "all")) == {0, 1}
    assert json.loads((tmp_path / "all" / "summary.json").read_text(encoding="utf-8"))["there"] == 2


def test_each_gets_jobs_of_its_own():
    words = ["train", "--stage", "semantic", "--subject", "{subject}", "--out", "mine/{subject}"]
    commands = list(cluster._commands(words, 1, ["subject=1,2,3"]))
    assert [(c[4], c[6]) for c in commands] == [("1", "mine/1"), ("2", "mine/2"), ("3", "mine/3")]
    many = list(cluster._commands(["reconstruct", "--clips", "all", "--subject", "{s}"], 10, ["s=1,2,3"]))
    assert len(set(many)) == 30 and many[-1][-4:] == ("--subject", "3", "--portion", "10/10")
    assert cluster.Job(many[0]).checkpoint().function == cluster.Job(many[0])  # it goes back into the queue as it is


def test_options_of_sbatch_are_told_from_those_of_every_cluster():
    options = cluster._options(["partition=gpu", "gpus_per_node=1", "gres=gpu:1", "timeout_min=90"])
    assert options == {"timeout_min": 90, "name": "neuroclips", "slurm_partition": "gpu"} | {
        "gpus_per_node": 1,
        "slurm_gres": "gpu:1",
    }


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--", "app"], "got 'app', expected one of: reconstruct, train"),
        (["--jobs", 2, "--", "reconstruct", "--clip", 0], "got --jobs 2, expected it with reconstruct --clips"),
        (["--", "reconstruct", "--clip", "all"], "reconstruct: Invalid value for '--clip'"),
        (["--", "train", "--subject", 1], "train: Missing option '--stage'"),
        (["--each", "subject=1,2", "--", "train", "--stage", "semantic"], "expected {subject} in the command"),
        (["--slurm", "partition", "--", "reconstruct", "--clips", "all"], "got --slurm 'partition', expected NAME="),
        (["--slurm", "partitoin=gpu", "--", "reconstruct", "--clips", "all"], "Unknown argument 'partitoin'"),
    ],
)
def test_what_no_job_should_wait_for_is_one_line(words, says, tmp_path):
    result = submit("--logs", tmp_path, *words)
    assert result.exit_code == 2 and says in result.output and result.output.count("\n") == 1


def test_without_submitit_it_is_said_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "submitit", None)
    result = submit("--logs", tmp_path, "--", "reconstruct", "--clips", "all")
    assert result.exit_code == 2 and "pip install 'neuroclips[cluster]'" in result.output

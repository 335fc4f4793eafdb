"""Codec, keyframes and video in one command: --stage zoo-all."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from accelerate.state import AcceleratorState
from typer.testing import CliRunner

from neuroclips import cli
from neuroclips.train import series
from neuroclips.train.demo_zoo import codec as zoo_codec
from neuroclips.train.demo_zoo import keyframes as zoo_keyframes
from neuroclips.train.demo_zoo import video as zoo_video
from neuroclips.train.targets.encoders import folder_key, weights_key
from neuroclips.web import films as webdata
from neuroclips.zoo import zoo_named
from tests.conftest import DEMO


@pytest.fixture
def little(monkeypatch, tmp_path):
    """Few films, in a cache of their own, and few that are validated."""
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(series, "FEWEST", 4), monkeypatch.setattr(series, "TIMED", 2)
    monkeypatch.setattr(zoo_video, "N_FILMS", 1), monkeypatch.setattr(series, "N_FILMS", 1)
    for module in (zoo_codec, zoo_keyframes):
        monkeypatch.setattr(module, "held_out_frames", lambda n=2: webdata.held_out_frames(2))
    AcceleratorState._reset_state()  # precision is chosen once in a process
    yield
    AcceleratorState._reset_state()


def command(*words):
    return CliRunner().invoke(cli.app, ["train", "--stage", "zoo-all", *map(str, words)])


def test_the_whole_zoo_is_made_in_a_given_time_each_part_of_the_one_before(little, monkeypatch, tmp_path):
    """From the shipped weights, which stay as they are."""
    monkeypatch.setattr(series, "held_out_frames", lambda: None)
    shipped, out, run_dir = folder_key(DEMO), tmp_path / "new", tmp_path / "run"
    options = ("--start", DEMO, "--out", out, "--run-dir", run_dir, "--batch-size", 2)
    done = command("--seconds", 14, *options)
    assert done.exit_code == 0, done.output
    plan = json.loads((run_dir / "plan-14s.json").read_text())
    assert f"draw {plan['frames']} frames and {plan['clips']} clips" in done.stderr
    assert sum(plan["seconds"].values()) < 14 and plan["seconds"].keys() == series.SHARES.keys()
    assert folder_key(DEMO) == shipped and set(json.loads(done.stdout)["scores"]) == set(series.SHARES)
    for folder in ("codec", "keyframes", "video"):
        card = json.loads((out / folder / "training.json").read_text())
        n_films = card["web shots, first and count"][1]
        assert n_films == plan["clips" if folder == "video" else "frames"] and card["started_from"]
        assert card["steps"] > 0
    made, films = Path(os.environ["NEUROCLIPS_CACHE"]), f"latents_0_{plan['frames']}x1"
    key = weights_key(replace(zoo_named().part("codec"), source=str(out)))
    assert key != weights_key(zoo_named().part("codec")) and list(made.rglob(f"{films}_{key}.pt"))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--subject", "1"], "got --subject, which stage zoo-codec does not use"),
        (["--steps", "3", "--seconds", "5"], "got steps 3 and seconds 5.0, expected one of them"),
        (["--start", "nowhere"], "no folder nowhere/codec to start from"),
        (["--zoo", "paper"], "got --zoo paper for stage zoo-codec, expected one of: demo"),
    ],
)
def test_what_cannot_be_made_is_told_before_anything_is_drawn(words, says, tmp_path):
    done = command(*words, "--out", tmp_path / "new", "--run-dir", tmp_path / "run")
    assert done.exit_code == 2 and says in done.stderr and not list(tmp_path.iterdir())

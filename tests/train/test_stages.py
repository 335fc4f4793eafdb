"""The command that trains: what it refuses, how runs go on, over processes, what it records."""

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from typer.testing import CliRunner

from neuroclips import cli, paths
from neuroclips.errors import InputError
from neuroclips.paths import ROOT
from neuroclips.reconstructors import weights
from neuroclips.train import stages
from neuroclips.train.engine import card
from neuroclips.train.engine.log import read_log
from neuroclips.train.engine.recipe import Recipe
from neuroclips.train.spec import recipe_of
from neuroclips.zoo import ZOOS, zoo_named
from tests.train.small import FEW_STEPS, SMALL


@pytest.mark.parametrize("other", [{"changes": {"contrast": "none"}}, {"minutes": 6}, {"recipe": {"seed": 1}}])
def test_a_run_with_other_settings_is_not_resumed(few, other):
    """What was trained with one loss, on some of the data or from another seed is never exported as another."""
    order = stages.Order(
        "semantic",
        (1,),
        dataset="preprocessed",
        source=few / "data",
        out=few / "twice",
        run_dir=few / "runs" / "twice",
        recipe={**FEW_STEPS, "steps": 4},
        changes=SMALL,
    )
    stages.run(order)
    recipe, changes = order.recipe | other.get("recipe", {}), SMALL | other.get("changes", {})
    with pytest.raises(ValueError, match="is of another run .*--no-resume"):
        stages.run(replace(order, recipe=recipe, changes=changes, minutes=other.get("minutes")))
    assert replace(order, run_dir=None).home != replace(order, run_dir=None, out=few / "o").home


def test_a_real_stage_that_is_killed_ends_with_the_weights_of_an_unbroken_run(few):
    options = ["train", "--stage", "semantic", "--subject", "1", "--dataset", "preprocessed", "--source", few / "data"]
    options += ["--steps", "40", "--batch-size", "48", "--set", "recipe.save_every=0"]
    options += [x for k, v in SMALL.items() for x in ("--set", f"{k}={v}")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "NEUROCLIPS_CACHE": str(few / "cache")}
    made = []
    for name in ("unbroken", "killed"):
        folders = ["--run-dir", few / "runs" / name, "--out", few / name]
        command = list(map(str, [sys.executable, "-m", "neuroclips", *options, *folders]))
        if name == "killed":
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
            while len(read_log(few / "runs" / name)) < 10 and process.poll() is None:
                time.sleep(0.05)
            process.kill()
            assert process.wait() != 0 and not (few / name).exists()
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
        made.append(weights.load(few / name).state_dict())
    assert all(torch.equal(value, made[1][key]) for key, value in made[0].items())


def test_what_is_shipped_is_rounded_and_listed_and_nothing_else_is(few, monkeypatch, tmp_path):
    """In the place of the zoo float16 with 8 bits, elsewhere what was asked for."""
    moved = (replace(p, source=str(tmp_path / "zoo")) if p.role == "fusion" else p for p in zoo_named().parts)
    monkeypatch.setitem(ZOOS, "demo", replace(zoo_named(), parts=tuple(moved)))
    order = stages.Order("fusion", dataset="preprocessed", source=few / "data", run_dir=tmp_path / "run", resume=False)
    made = [replace(order, out=out, recipe={"steps": 2}) for out in (None, tmp_path / "own")]
    folders = [Path(stages.run(one)["out"][0]) for one in made]
    assert folders == [tmp_path / "zoo" / "fusion", tmp_path / "own"]
    shipped, own = (load_file(folder / "model.safetensors") for folder in folders)
    for name, value in own.items():
        assert value.dtype == torch.float32 and shipped[name].dtype == torch.float16
        assert torch.equal(shipped[name], value.half().bfloat16().half())
    assert "| fusion |" in (tmp_path / "zoo" / "README.md").read_text() and not (tmp_path / "README.md").exists()


def test_weights_of_an_installed_package_are_not_overwritten(few, monkeypatch, tmp_path):
    """Its zoo lies in site-packages, which the next update replaces; with --out the same stage trains."""
    monkeypatch.setattr(stages, "in_checkout", lambda: False)
    order = stages.Order("fusion", dataset="preprocessed", source=few / "data", run_dir=tmp_path / "run")
    with pytest.raises(InputError, match="weights of an installed package are not overwritten: pass --out"):
        stages.run(order)
    assert not (tmp_path / "run").exists()
    made = stages.run(replace(order, out=tmp_path / "own", recipe={"steps": 2}))
    assert made["out"] == [str(tmp_path / "own")] and (tmp_path / "own" / "model.safetensors").exists()


def test_runs_are_kept_where_the_package_says_when_asked(monkeypatch, tmp_path):
    """Not where it said when it was imported."""
    monkeypatch.setattr(paths, "in_checkout", lambda: False)
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path))
    assert stages.Order("zoo-codec").home == paths.runs_dir("zoo-codec") != ROOT / "runs" / "zoo-codec"
    assert tmp_path in stages.Order("zoo-codec").home.parents


def test_a_profile_says_where_the_time_goes(few, semantic):
    record = json.loads((semantic / "training.json").read_text())
    assert 0 < record["share of the time in the network"] <= 1 and record["steps"] == 30
    assert record["scores"]["retrieval"] >= 0 and record["command"].startswith("python -m neuroclips train")
    card.write_readme(few)
    assert "subject1/semantic" in (few / "README.md").read_text()


def test_two_processes_follow_the_loss_of_one(few):
    """The real command under torchrun; every clip, mix and contrast is that of one process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [
        "train",
        "--stage",
        "semantic",
        "--subject",
        "1,2",
        "--dataset",
        "preprocessed",
        "--source",
        few / "data",
    ]
    options += ["--steps", "12", "--batch-size", "48", "--no-resume"]
    options += [x for k, v in SMALL.items() for x in ("--set", f"{k}={v}")]
    options += ["--set", "network.dropout=0", "--set", "ridge.start=trained"]
    launch = ["-m", "torch.distributed.run", "--nproc_per_node", "2", "--master_port", str(port), "-m", "--"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "NEUROCLIPS_CACHE": str(few / "cache")}
    curves = []
    for name, start in (("one", ["-m"]), ("two", launch)):
        folders = ["--run-dir", few / "runs" / name, "--out", few / name]
        command = [sys.executable, *start, "neuroclips", *options, *folders]
        done = subprocess.run(list(map(str, command)), cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
        curves.append([x["loss"] for x in read_log(few / "runs" / name) if "loss" in x])
    assert len(curves[0]) == 12 and curves[0][-1] < curves[0][0]
    assert np.allclose(*curves, rtol=1e-3)
    made = [weights.load(few / name / "subject2" / "semantic").ridge.weight for name in ("one", "two")]
    assert torch.allclose(*made, atol=1e-3)
    cards = [few / name / "subject2" / "semantic" / "training.json" for name in ("one", "two")]
    one, two = (json.loads(path.read_text())["command"] for path in cards)
    assert one.startswith("python -m neuroclips train --stage semantic")
    assert two.startswith("torchrun --nproc_per_node 2 -m -- neuroclips train --stage semantic")


def test_a_batch_that_subjects_cannot_share_is_rounded_or_refused():
    preset = Recipe(1e-3, 40, steps=1)
    with pytest.warns(UserWarning, match="the batch size 40 .* is not a multiple of 3, .*: 39 is taken"):
        assert stages._shared(preset, 3, asked=False).batch_size == 39
    with pytest.raises(ValueError, match="got batch size 40, expected a multiple of 3, .*: set --batch-size 39"):
        stages._shared(preset, 3, asked=True)
    assert stages._shared(preset, 2, asked=True) is preset


def test_batches_are_large_on_an_accelerator_unless_another_size_is_asked_for(monkeypatch, tmp_path):
    order = stages.Order("zoo-codec", out=tmp_path)
    sizes = [stages.expect(order).batch_size]
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: True)
    sizes += [stages.expect(replace(order, recipe=changes)).batch_size for changes in ({}, {"batch_size": 4})]
    assert sizes == [8, 128, 4]


def test_steps_take_the_place_of_epochs_and_epochs_that_of_steps():
    order = stages.Order("semantic", (1,), zoo="paper", changes={"recipe.steps": 7})
    recipe = recipe_of(stages._config(stages.stage_named("semantic"), order))
    assert (recipe.steps, recipe.epochs) == (7, None)


def test_the_paper_preset_has_the_papers_numbers():
    presets = {name: stages.stage_named(name).preset("paper") for name in ("semantic", "prior", "perception")}
    for name, epochs, batch in (("semantic", 30, 240), ("prior", 150, 64), ("perception", 150, 40)):
        recipe = presets[name].recipe
        assert (recipe.learning_rate, recipe.epochs, recipe.batch_size) == (3e-4, epochs, batch)
    assert (presets["semantic"].delta, presets["semantic"].mu) == (30, 1)


NOT_OF_A_ZOO_STAGE = [["--subject", "1"], ["--set", "a=1"], ["--dataset", "simulated"], ["--source", "x"]]
NOT_OF_A_ZOO_STAGE += [["--stimuli", "x"], ["--minutes", "8"], ["--backbone", "x"]]


def test_every_stage_says_what_it_is_and_help_lists_it():
    specs = {name: stages.stage_named(name) for name in stages.STAGES}
    assert all(name == spec.name for name, spec in specs.items())
    roles = {part.role for part in zoo_named().parts}
    assert {role for spec in specs.values() for role in (*spec.needs, spec.role or "clip")} <= roles
    shown = CliRunner().invoke(cli.app, ["train", "--help"], env={"COLUMNS": "400"}).output
    assert all(name in shown for name in specs)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--stage", "nothing"], "expected one of: perception, semantic"),
        (["--stage", "semantic"], "add --subject 1"),
        (["--stage", "prior", "--subject", "1,2"], "expected one"),
        (["--stage", "semantic", "--subject", "null"], "--out"),
        (["--stage", "semantic", "--subject", "1", "--zoo", "big"], "expected one of: demo, paper"),
        (["--stage", "semantic", "--subject", "1", "--dataset", "preprocessed"], "--source"),
        (["--stage", "semantic", "--subject", "1", "--dataset", "preprocessed", "--source", "no"], "no"),
        (["--stage", "semantic", "--subject", "7", "--dataset", "preprocessed", "--source", "DATA"], "expected one of"),
        (["--stage", "semantic", "--subject", "1", "--start", "x"], "got --start, which stage semantic does not use"),
        (["--stage", "prior", "--subject", "1", "--backbone", "x"], "got --backbone"),
        (["--stage", "zoo-codec", "--zoo", "paper"], "got --zoo paper for stage zoo-codec, expected one of: demo"),
        *((["--stage", "zoo-codec", *words], f"got {words[0]}, which stage zoo-codec") for words in NOT_OF_A_ZOO_STAGE),
        (["--stage", "linear", "--subject", "1", "--steps", "3"], "some of: --subject, --dataset"),
        (["--stage", "linear", "--subject", "1"], "--out"),
        (["--stage", "projector", "--subject", "1"], "got --subject"),
        (["--stage", "fusion", "--start", "x"], "got --start"),
        (["--stage", "semantic", "--subject", "1", "--stimuli", "x"], "got --stimuli"),
        (
            ["--stage", "fusion", "--dataset", "preprocessed", "--source", "DATA", "--stimuli", "x"],
            "got --stimuli for the simulated data",
        ),
        (
            ["--stage", "linear", "--subject", "1", "--out", "x", "--minutes", "0"],
            "got minutes 0.0, expected 2 or more",
        ),
        (
            ["--stage", "fusion", "--dataset", "preprocessed", "--source", "DATA", "--minutes", "9"],
            "got 9 minutes, expected at most 8",
        ),
        (["--stage", "zoo-git", "--dtype", "int8"], "expected one of: float32, bfloat16, float16"),
    ],
)
def test_bad_input_is_one_line(few, words, expected):
    given = [str(few / "data") if w == "DATA" else w for w in words]
    done = CliRunner().invoke(cli.app, ["train", *given])
    assert done.exit_code == 2 and expected in done.stderr and done.stderr.count("\n") == 1

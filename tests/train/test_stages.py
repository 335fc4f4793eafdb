"""Every stage of the reconstructors, by the command that trains it, on two films and brains that are quickly made."""

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

from neuroclips import cli
from neuroclips.configure import configure, parse_changes
from neuroclips.data.training import ArraysTraining
from neuroclips.paths import ROOT
from neuroclips.reconstructors import weights
from neuroclips.train import stages
from neuroclips.train.engine import card
from neuroclips.train.engine.checkpoint import read_log
from neuroclips.train.engine.recipe import Turn
from neuroclips.train.reconstructors.inputs import Inputs
from neuroclips.train.reconstructors.semantic import PRESETS
from neuroclips.train.reconstructors.study import Study
from neuroclips.train.targets import encoders, pairs, targets
from neuroclips.zoo import ZOOS, Part, load_part, zoo_named

N_VOXELS = {1: 120, 2: 90, 0: 100}
SMALL = {"network.ridge_dim": 24, "network.hidden_dim": 32}
FEW_STEPS = {"steps": 30, "batch_size": 24, "validate_every": 15}


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """A dataset of seg1 and seg2; voxels are random mixtures of the films' CLIP tokens in noise, 0 hears only noise."""
    home = tmp_path_factory.mktemp("few")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEUROCLIPS_CACHE", str(home / "cache"))
        rng = np.random.default_rng(0)
        for subject, n_voxels in N_VOXELS.items():
            name = f"subject{subject}" if subject else "null"
            (home / "data" / name).mkdir(parents=True)
            meta = {"dataset": "simulated", "subject": name, "films": ["seg1", "seg2"], "n_voxels": n_voxels, "tr": 2.0}
            (home / "data" / name / "meta.json").write_text(json.dumps(meta))
        seen = targets.tokens(ArraysTraining(home / "data"), zoo_named()).astype(np.float32).mean(1).reshape(480, -1)
        seen = (seen - seen.mean(0)) / seen.std(0)
        for subject, n_voxels in N_VOXELS.items():
            signal = seen @ rng.standard_normal((seen.shape[1], n_voxels)) / seen.shape[1] ** 0.5
            voxels = (subject > 0) * signal[:, None] + 0.7 * rng.standard_normal((480, 2, n_voxels))
            name = f"subject{subject}" if subject else "null"
            np.save(home / "data" / name / "train_fmri.npy", voxels.astype(np.float32))
        yield home


def train(few, stage, subjects=(1,), out="out", changes=None, **more):
    settings = {**SMALL, **(changes or {})} if stage in ("perception", "semantic") else changes or {}
    recipe = {**FEW_STEPS, **more.pop("recipe", {})} if stage != "linear" else {}
    order = stages.Order(
        stage,
        subjects,
        dataset="preprocessed",
        source=few / "data",
        out=few / out,
        resume=False,
        run_dir=few / "runs" / f"{stage}-{out.replace('/', '-')}",
        recipe=recipe,
        changes=settings,
        **more,
    )
    return stages.run(order)


@pytest.fixture(scope="module")
def semantic(few):
    """A Semantics Reconstructor of subject 1, for what is built on it."""
    train(few, "semantic", out="subject1/semantic")
    return few / "subject1" / "semantic"


@pytest.mark.parametrize("start", ["trained", "closed-form", "frozen"])
def test_semantic_learns_what_is_in_the_voxels(few, start):
    made = train(few, "semantic", out=f"semantic-{start}", changes={"ridge.start": start}, recipe={"steps": 60})
    assert made["scores"]["retrieval"] > 5 / 240  # chance is 1 / 240
    losses = [x for x in read_log(few / "runs" / f"semantic-semantic-{start}") if "loss" in x]
    assert {"bimixco", "mse", "reftm"} <= set(losses[0]) and losses[-1]["loss"] < losses[0]["loss"]
    model = weights.load(few / f"semantic-{start}")
    assert model.n_voxels == 120 and model.centre.abs().sum() > 0


def test_a_brain_that_hears_nothing_stays_at_chance(few):
    made = train(few, "semantic", (0,), out="null")
    assert made["scores"]["retrieval"] <= 5 / 240


@pytest.mark.parametrize("changes", [{"contrast": "softclip"}, {"contrast": "none"}, {"reftm": 0}])
def test_each_loss_can_be_left_out(few, changes):
    train(few, "semantic", out="parts", changes=changes, recipe={"steps": 2})
    losses = next(x for x in read_log(few / "runs" / "semantic-parts") if "loss" in x)
    assert {"bimixco", "softclip"} & set(losses) == ({changes.get("contrast", "bimixco")} - {"none"})
    assert ("reftm" in losses) == bool(changes.get("reftm", 1))


def test_joint_training_is_equation_4(few):
    changes = {"joint": True, "prior.depth": 1, "network.projector_layers": 1}
    made = train(few, "semantic", out="joint/semantic", changes=changes, recipe={"steps": 4})
    losses = next(x for x in read_log(few / "runs" / "semantic-joint-semantic") if "loss" in x)
    assert {"bimixco", "prior", "reftm"} <= set(losses)
    assert weights.load(few / "joint" / "prior").config.depth == 1 and "retrieval" in made["scores"]


def test_joint_training_without_reftm_needs_no_text(few):
    changes = {"joint": True, "mu": 0, "prior.depth": 1}
    train(few, "semantic", out="textless/semantic", changes=changes, recipe={"steps": 2})
    losses = next(x for x in read_log(few / "runs" / "semantic-textless-semantic") if "loss" in x)
    assert "prior" in losses and "reftm" not in losses


def test_an_extension_before_the_ridge_is_learnt_by_every_subject(few):
    changes = {"network.extend": "voxels", "ridge.start": "trained", "network.channels": [16, 8, 8]}
    train(few, "perception", out="voxels", changes=changes, recipe={"steps": 3})
    one = weights.load(few / "voxels")
    assert one.extension.mlp[0].in_features == 120
    joining = {"backbone": few / "voxels", "changes": {"ridge.start": "trained"}, "recipe": {"steps": 3}}
    train(few, "perception", (2,), out="voxels-joined", **joining)
    torch.manual_seed(0)
    fresh, joined = one.config.build(90), weights.load(few / "voxels-joined")
    assert torch.equal(joined.upsampling[0].eta_1, one.upsampling[0].eta_1)
    assert joined.extension.mlp[0].in_features == 90
    assert not torch.allclose(joined.extension.mlp[0].weight, fresh.extension.mlp[0].weight, atol=1e-5)
    with pytest.raises(ValueError, match="got ridge.start=frozen with network.extend=voxels"):
        train(few, "perception", out="never", changes={"network.extend": "voxels"})


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


def test_another_subjects_weights_are_refused(few, semantic):
    with pytest.raises(ValueError, match="got a reconstructor of 120 voxels .* expected 90"):
        stages.run(
            stages.Order("prior", (2,), dataset="preprocessed", source=few / "data", out=few / "subject1" / "other")
        )


def test_prior_perception_linear_and_fusion(few, semantic):
    made = train(few, "prior", out="subject1/prior", changes={"network.depth": 1})
    assert -1 <= made["scores"]["cosine"] <= 1
    tokens = weights.load(semantic)(torch.randn(2, 120))
    prior = weights.load(few / "subject1" / "prior")
    assert prior.sample(tokens, 4, 2 * [torch.Generator().manual_seed(0)]).shape == (2, 16, 128)
    made = train(few, "perception", out="perception", changes={"network.channels": [16, 8, 8]}, recipe={"steps": 4})
    assert "pixel correlation" in made["scores"]
    assert weights.load(few / "perception")(torch.randn(2, 120)).shape == (2, 6, 8, 12, 12)
    made = train(few, "linear", out="linear")
    assert made["scores"]["retrieval"] > 5 / 240
    assert weights.load(few / "linear" / "latents")(torch.randn(2, 120)).shape == (2, 6, 8, 12, 12)
    made = train(few, "fusion", (), out="fusion", recipe={"steps": 200})
    assert made["scores"]["balanced accuracy"] > 0.6  # always saying the same has 0.5


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


def test_several_subjects_share_all_but_their_ridge_and_another_joins(few):
    train(few, "semantic", (1, 2), out="shared", recipe={"steps": 60})
    one, two = (weights.load(few / "shared" / f"subject{s}" / "semantic") for s in (1, 2))
    assert (one.n_voxels, two.n_voxels) == (120, 90)
    assert torch.equal(one.head[-1].weight, two.head[-1].weight) and torch.equal(one.mlp[0].weight, two.mlp[0].weight)
    backbone = few / "shared" / "subject1" / "semantic"
    solved = train(few, "semantic", (2,), out="joined", backbone=backbone, minutes=6)
    assert solved["scores"]["retrieval"] > 5 / 240
    train(few, "semantic", (2,), out="joined-trained", backbone=backbone, changes={"ridge.start": "trained"})
    for name in ("joined", "joined-trained"):
        joined = weights.load(few / name)
        assert torch.equal(joined.head[-1].weight, one.head[-1].weight) and joined.n_voxels == 90
        assert not torch.equal(joined.ridge.weight, two.ridge.weight)
    with pytest.raises(ValueError, match="expected the folder of a perception"):
        train(few, "perception", (2,), out="wrong", backbone=backbone)


def test_a_profile_says_where_the_time_goes(few, semantic):
    record = json.loads((semantic / "training.json").read_text())
    assert 0 < record["share of the time in the network"] <= 1 and record["steps"] == 30
    assert record["scores"]["retrieval"] >= 0 and record["command"].startswith("python -m neuroclips train")
    card.write_readme(few)
    assert "subject1/semantic" in (few / "README.md").read_text()


def test_targets_are_encoded_once_and_go_on_where_they_stopped(few, monkeypatch):
    data = ArraysTraining(few / "data")
    path = next((few / "cache").rglob("*tokens*.npy"))
    before, stamp = targets.tokens(data, zoo_named()), path.stat().st_mtime_ns
    assert isinstance(before, np.memmap) and path.stat().st_mtime_ns == stamp
    seen = []

    def encoder():
        def encode(rows):
            seen.append(rows.start)
            if len(seen) == 20:
                raise KeyboardInterrupt
            return torch.arange(rows.start, rows.stop).float()[:, None]

        return encode

    with pytest.raises(KeyboardInterrupt):
        targets.encoded("count_of_rows", 480, encoder)
    assert not list((few / "cache").rglob("count_of_rows.npy"))
    found = targets.encoded("count_of_rows", 480, encoder)
    assert found[:, 0].tolist() == list(range(480))
    assert seen[20] == 256  # what had been written was not encoded again


def test_the_key_of_a_target_changes_with_the_weights_of_its_encoder(tmp_path):
    part = Part("clip", "open_clip", str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"one")
    first = encoders.weights_key(part)
    (tmp_path / "model.safetensors").write_bytes(b"two")
    assert encoders.weights_key(part) != first


def test_the_key_of_a_part_changes_with_its_kind_and_with_its_revision(tmp_path):
    """Tokens of halved and of normal contrast never mix; nor do those of two versions on the hub."""
    parts = [
        Part("clip", kind, source) for kind in ("open_clip", "open_clip halved") for source in (str(tmp_path), "a/b")
    ]
    parts += [replace(parts[1], revision="1"), replace(parts[1], subfolder="clip")]
    assert len({encoders.weights_key(part) for part in parts}) == 6


def test_a_batch_is_dealt_to_processes_without_rest(few):
    study = Study(ArraysTraining(few / "data"), (1, 2))
    inputs = Inputs(study, {s: study.data.fmri(s) for s in (1, 2)}, mean_repeat=True)
    whole = inputs.draw(Turn(0, 24, seed=5))
    halves = [Turn(0, 24, rank, 2, seed=5) for rank in (0, 1)]
    parts = [half.mine(inputs.draw(half)[2].clips) for half in halves]
    assert sorted(torch.cat(parts).tolist()) == sorted(whole[2].clips.tolist())
    assert len(set(whole[1].clips.tolist())) == 12 and whole[1].clips.max() < 240  # never a validation clip
    with pytest.raises(ValueError, match="got batches of 25 for 2 subjects on 2 processes.*multiple of 4"):
        inputs.draw(Turn(0, 25, 0, 2))


def test_noise_belongs_to_the_row_not_to_the_process():
    one = Turn(3, 4, seed=9).noise(torch.arange(4), (2,))
    other = Turn(3, 4, 1, 2, seed=9).noise(torch.tensor([1, 3]), (2,))
    assert torch.equal(one[1::2], other)


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


def test_the_text_projector_is_trained_on_pairs(few, monkeypatch):
    monkeypatch.setattr(pairs, "N_WEB", 2400)
    made = stages.run(
        stages.Order("projector", out=few / "projector", run_dir=few / "runs" / "projector", recipe={"steps": 20})
    )
    assert set(made["scores"]) == {"image to text", "text to image"}
    table = json.loads((few / "projector" / "table3.json").read_text())
    assert table["chance"] == pytest.approx(1 / 300) and table["before fine-tuning"] != table["after fine-tuning"]
    assert weights.load(few / "projector").proj.shape == load_part(zoo_named(), "projector", "cpu").proj.shape
    assert table["pairs"] == {"chosen on": [1800, 2100], "reported on": [2100, 2400]}
    assert table["after fine-tuning"] != made["scores"]  # other pairs


def test_fields_are_set_by_name():
    config = PRESETS["demo"]
    changed = configure(config, parse_changes(["network.dropout=0", "contrast=none", "ridge.mean_repeat=false"]))
    assert changed.network.dropout == 0.0 and changed.contrast == "none" and not changed.ridge.mean_repeat
    with pytest.raises(ValueError, match="got --set network.width, expected one of"):
        configure(config, {"network.width": 3})
    with pytest.raises(ValueError, match="expected a value like"):
        configure(config, {"joint": "perhaps"})
    with pytest.raises(ValueError, match="expected NAME=VALUE"):
        parse_changes(["contrast"])


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
        (["--stage", "zoo-git", "--dtype", "int8"], "expected one of: float32, bfloat16, float16"),
    ],
)
def test_bad_input_is_one_line(few, words, expected):
    given = [str(few / "data") if w == "DATA" else w for w in words]
    done = CliRunner().invoke(cli.app, ["train", *given])
    assert done.exit_code == 2 and expected in done.stderr and done.stderr.count("\n") == 1

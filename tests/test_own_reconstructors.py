"""Reconstructors of one's own: each of three parts is from there or said to be the zoo's, and none is another's."""

import hashlib
import json
import shutil

import pytest
import torch
from typer.testing import CliRunner

from neuroclips.cli import app
from neuroclips.cli.telling import tell_before
from neuroclips.errors import InputError, MissingError
from neuroclips.pipeline import load_pipeline
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.linear import LinearConfig
from neuroclips.reconstructors.perception import PerceptionConfig
from neuroclips.reconstructors.prior import PriorConfig
from neuroclips.reconstructors.semantic import SemanticConfig
from neuroclips.subject_models import load_subject
from neuroclips.types import Guidance, Request, Settings
from neuroclips.zoo import RECONSTRUCTORS, zoo_named
from tests.conftest import DEMO

FAST = Settings(video_steps=2, guidance=Guidance(beta=False, gamma=False))


@pytest.fixture
def own(tmp_path):
    """A copy of the shipped parts of subject 1."""
    for role in RECONSTRUCTORS:
        shutil.copytree(DEMO / "subject1" / role, tmp_path / "own" / "subject1" / role)
    return tmp_path / "own"


def load(own):
    return load_subject(zoo_named(), 1, own, "cpu")


def test_each_part_says_where_it_is_from(own):
    shutil.rmtree(own / "subject1" / "prior")
    origins = load(own).origins
    assert {role: origin["from"] for role, origin in origins.items()} == {
        "perception": str(own / "subject1" / "perception"),
        "semantic": str(own / "subject1" / "semantic"),
        "prior": "zoo demo",
    }
    for role, origin in origins.items():
        content = (DEMO / "subject1" / role / "model.safetensors").read_bytes()
        assert origin["sha256"] == hashlib.sha256(content).hexdigest()[:12]


def test_a_part_that_is_misspelt_is_not_replaced_by_the_shipped_one(own):
    for name in ("perceptoin", "Perception", "percepton_"):
        (own / "subject1" / "perception").rename(own / "subject1" / name)
        with pytest.raises(InputError, match=f"subject1: got {name}, expected perception.*: call it perception"):
            load(own)
        (own / "subject1" / name).rename(own / "subject1" / "perception")
    (own / "subject1" / "perceptoin").mkdir()  # beside the right one it is no part
    load(own)


def test_a_folder_without_any_part_is_refused(own):
    for role in RECONSTRUCTORS:
        shutil.rmtree(own / "subject1" / role)
    with pytest.raises(MissingError, match="no perception, semantic, prior in .*subject1"):
        load(own)
    (own / "subject1" / "prior").write_text("a file")
    with pytest.raises(InputError, match="prior: got no folder"):
        load(own)
    (own / "subject1").rename(own / "subject7")
    with pytest.raises(MissingError, match="no reconstructors for subject 1 in .*; there are: 7"):
        load(own)


@pytest.mark.parametrize(("role", "other"), [("perception", "semantic"), ("semantic", "prior"), ("prior", "semantic")])
def test_a_part_of_another_kind_is_refused(own, role, other):
    shutil.rmtree(own / "subject1" / role)
    shutil.copytree(DEMO / "subject1" / other, own / "subject1" / role)
    with pytest.raises(
        InputError, match=f"{role}: got a {other.title()}Config, expected weights of one of: {role.title()}"
    ):
        load(own)


def put(own, role, config, **arguments):
    shutil.rmtree(own / "subject1" / role)
    torch.manual_seed(0)
    weights.save(config.build(**arguments), own / "subject1" / role, **arguments)


def test_the_linear_baseline_may_take_a_place_that_has_its_shape(own, data):
    n = data.info.n_voxels[1]
    put(own, "semantic", LinearConfig((16, 128)), n_voxels=n)
    assert load(own).semantic.config == LinearConfig((16, 128))
    put(own, "semantic", LinearConfig((2, 3, 4, 4)), n_voxels=n)
    with pytest.raises(InputError, match="semantic: got a LinearConfig"):
        load(own)


def test_parts_of_other_sizes_are_told_before_anything_is_multiplied(own, data):
    n = data.info.n_voxels[1]
    small = SemanticConfig(16, 64, ridge_dim=8, hidden_dim=8, n_blocks=1)
    put(own, "semantic", small, n_voxels=n)
    with pytest.raises(InputError, match=r"got a semantic .*\(16, 64\) and a prior of tokens \(16, 128\)"):
        load(own)
    put(own, "prior", PriorConfig(16, 64, depth=1, heads=2))
    with pytest.raises(InputError, match="got image tokens 64 wide, expected 128"):
        load_pipeline("demo", own)(data.sample(1, 0), Settings(video_steps=2))
    put(own, "perception", PerceptionConfig(ridge_dim=8, hidden_dim=8, n_blocks=1, channels=(16, 8, 8)), n_voxels=n)
    with pytest.raises(InputError, match="got latents of 4 channels, expected the codec's 8"):
        load_pipeline("demo", own.rename(own.with_name("other")))(data.sample(1, 0), FAST)


def test_the_command_says_aloud_which_parts_are_the_zoos(own, tmp_path):
    words = [
        "reconstruct",
        "--reconstructors",
        own,
        "--out",
        tmp_path / "out",
        "--json",
        "--video-steps",
        2,
        "--no-beta",
    ]
    words = list(map(str, words))
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0 and not done.stderr
    shutil.rmtree(own / "subject1" / "prior")
    (own / "subject1" / "notes").mkdir()
    shutil.copytree(own, tmp_path / "less")
    words[2] = str(tmp_path / "less")
    done = CliRunner().invoke(app, words)
    home = tmp_path / "less" / "subject1"
    doubt = "; a prior decodes best the semantic reconstructor that it was trained on"
    assert done.stderr.strip() == f"{home} has no prior: that of zoo demo used (not used: notes){doubt}"
    record = json.loads((tmp_path / "out" / "reconstruction.json").read_text())["reconstructors"]
    assert record == json.loads(done.stdout)["reconstructors"]
    assert record["prior"]["from"] == "zoo demo" and record["semantic"]["from"] == str(home / "semantic")


@pytest.mark.parametrize("how", [["--clips", "0"], ["--clips", "0", "--fuse"]])
def test_many_clips_say_it_too(own, tmp_path, how):
    """And which words of a prompt are not read."""
    shutil.rmtree(own / "subject1" / "prior")
    few = [f"--set={name}=1" for name in ("prior_steps", "keyframe_steps", "keyframe_draws")]
    words = ["reconstruct", *how, *few, "--video-steps", "2", "--prompt", "purple dog", "--reconstructors", str(own)]
    done = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "out"), "--json"])
    assert done.exit_code == 0, done.output
    assert "has no prior: that of zoo demo used" in done.stderr
    assert "words that the text encoder of zoo demo does not read: purple\n" in done.stderr


def test_of_several_processes_the_first_says_it(monkeypatch, capsys):
    request = Request(1, 0, Settings(prompt="purple dog"), device="cpu")
    for rank, lines in (("0", 2), ("1", 0)):
        monkeypatch.setenv("RANK", rank)
        tell_before(request)
        assert len(capsys.readouterr().err.splitlines()) == lines


def test_a_prior_of_another_semantic_reconstructor_is_told(own, recwarn):
    used = load(own).origins["semantic"]["sha256"]
    record = own / "subject1" / "prior" / "training.json"
    record.write_text(json.dumps({"trained beside": {"semantic": used}}))
    load(own)
    assert not [w for w in recwarn if "trained beside" in str(w.message)]
    record.write_text(json.dumps({"trained beside": {"semantic": "0123456789ab"}}))
    with pytest.warns(UserWarning, match=rf"prior: got a prior .* \(0123456789ab\) than the one used \({used}\)"):
        load(own)


def test_folders_that_are_not_one_of_subjects_are_named(own):
    with pytest.raises(MissingError, match="no folder .*elsewhere, expected one that holds subject1"):
        load(own / "elsewhere")
    with pytest.raises(InputError, match="subject1: got reconstructors of no subject, expected a folder with subject1"):
        load(own / "subject1")
    (own / "subject1" / "prior" / "config.json").unlink()
    with pytest.raises(MissingError, match="no config.json beside model.safetensors in .*prior"):
        load(own)

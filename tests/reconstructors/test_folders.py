"""A folder of weights is checked by its config and the header of its file, before anything is built."""

import json
import time

import pytest
import torch
from safetensors.torch import load_file, save_file

from neuroclips.errors import InputError, MissingError
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.prior import PriorConfig
from neuroclips.reconstructors.semantic import SemanticConfig

SEMANTIC = SemanticConfig(4, 8, ridge_dim=6, hidden_dim=6, n_blocks=1)


@pytest.fixture
def folder(tmp_path):
    torch.manual_seed(0)
    weights.save(SEMANTIC.build(n_voxels=5), tmp_path / "semantic", n_voxels=5)
    weights.save(PriorConfig(4, 8, depth=1, heads=2).build(), tmp_path / "prior")
    return tmp_path


CONFIGS = {
    "n_blocks": ({"n_blocks": 10**4}, "got n_blocks 10,000, expected at most"),
    "far too many blocks": (
        {"n_blocks": 10**6},
        "config.json: got n blocks 1000000, expected 0 or more and up to 10000",
    ),
    "n_voxels": ({"build": {"n_voxels": 10**6}}, "got n_voxels 1,000,000, expected at most"),
    "width": ({"hidden_dim": 10**6}, "got hidden_dim 1,000,000, expected at most"),
    "other width": ({"hidden_dim": 7}, "model.safetensors: got no mlp.0.weight"),
    "more blocks": ({"n_blocks": 2}, "model.safetensors: got no mlp.*and 3 more, expected the weights that config"),
    "fewer layers": ({"projector_layers": 0}, "got an unknown projector"),
    "no width": ({"hidden_dim": -3}, "config.json: got "),
    "text": ({"hidden_dim": "6"}, "config.json: got hidden dim '6', expected a whole number"),
    "float": ({"n_blocks": 1.0}, "got n blocks 1.0, expected a whole number"),
    "bool": ({"n_blocks": True}, "got n blocks True, expected a whole number"),
    "none": ({"dropout": None}, "got dropout None, expected a finite number"),
    "list": ({"ridge_dim": [6]}, r"got ridge dim \(6,\), expected a whole number"),
    "condition": ({"condition": "tokens"}, "config.json: got condition 'tokens', expected"),
    "unknown field": ({"n_bloks": 1}, "config.json: got a config with n_bloks, expected n_tokens"),
    "unknown class": ({"config": "Sematnic"}, "config.json: got config 'Sematnic', expected one of: SemanticConfig"),
    "no class": ({"config": None}, "got config None"),
    "class of a list": ({"config": ["SemanticConfig"]}, "got config"),
    "other class": ({"config": "LinearConfig"}, "got a config without shape and with n_tokens"),
    "no build": ({"build": None}, "got build None, expected an object of n_voxels"),
    "build without": ({"build": {}}, "got a config without n_voxels, expected n_voxels"),
    "build with more": ({"build": {"n_voxels": 5, "n": 1}}, "got a config with n, expected n_voxels"),
    "no voxels": ({"build": {"n_voxels": 0}}, "got n voxels 0, expected 1 or more"),
    "text voxels": ({"build": {"n_voxels": "5"}}, "got n voxels '5', expected a whole number"),
}


@pytest.mark.parametrize("fault", CONFIGS)
def test_a_config_that_does_not_describe_the_weights_is_refused_at_once(fault, folder):
    change, says = CONFIGS[fault]
    path = folder / "semantic" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    started = time.monotonic()
    with pytest.raises(InputError, match=says) as raised:
        weights.load(folder / "semantic")
    assert str(folder) in str(raised.value) and "\n" not in str(raised.value) and time.monotonic() - started < 2


def test_layers_of_a_prior_are_counted_too(folder):
    path = folder / "prior" / "config.json"
    for change in ({"depth": 10**6}, {"n_timesteps": 10**9}, {"heads": 3}):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"depth": 1, "n_timesteps": 100} | change))
        with pytest.raises(InputError, match=f"{path}: got "):
            weights.load(folder / "prior")


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", "version https://git-lfs.github.com/spec/v1\n"])
def test_a_damaged_config_is_named(text, folder):
    (folder / "semantic" / "config.json").write_text(text)
    with pytest.raises(InputError, match="config.json: got "):
        weights.load(folder / "semantic")


VALUES = {
    "nan": (lambda x: x.index_fill(0, torch.tensor([0]), torch.nan), "numbers in ridge.weight that are not finite"),
    "infinite": (lambda x: x * torch.inf, "not finite"),
    "beyond float32": (lambda x: x.double() + 1e300, "beyond 3.40282e.38, the largest of float32"),
    "integers": (lambda x: x.to(torch.int8), "got int8 for ridge.weight, expected float32"),
    "complex": (lambda x: x + 1j, "got complex64 for ridge.weight, expected float32"),
    "transposed": (lambda x: x.T.contiguous(), r"got ridge.weight of shape \(5, 6\) for \(6, 5\)"),
}


@pytest.mark.parametrize("damage", VALUES)
def test_weights_that_are_not_what_they_should_be_are_refused(damage, folder):
    change, says = VALUES[damage]
    path = folder / "semantic" / "model.safetensors"
    state = load_file(path)
    save_file({**state, "ridge.weight": change(state["ridge.weight"])}, path)
    with pytest.raises(InputError, match=f"model.safetensors: .*{says}"):
        weights.load(folder / "semantic")


def test_a_file_of_weights_that_is_gone_or_cut_is_named(folder):
    path = folder / "semantic" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(InputError, match="model.safetensors: got a file that does not read"):
        weights.load(folder / "semantic")
    path.unlink()
    with pytest.raises(MissingError, match="no file .*model.safetensors"):
        weights.load(folder / "semantic")


def test_nothing_is_written_of_weights_that_are_not_finite(tmp_path):
    model = SEMANTIC.build(n_voxels=5)
    torch.nn.init.constant_(model.ridge.weight, 1e5)
    with pytest.raises(InputError, match="beyond 65504, the largest of float16"):
        weights.save(model, tmp_path / "half", torch.float16, n_voxels=5)
    torch.nn.init.constant_(model.ridge.weight, torch.nan)
    with pytest.raises(InputError, match="not finite"):
        weights.save(model, tmp_path / "whole", n_voxels=5)
    assert not list(tmp_path.iterdir())

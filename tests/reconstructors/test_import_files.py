"""What training scripts wrap around weights is taken off; weights that are no finite numbers are refused whole."""

import argparse
import os
import zipfile

import numpy as np
import pytest
import torch

from neuroclips.errors import InputError
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.import_checkpoint import import_checkpoint
from neuroclips.reconstructors.released import ReleasedPerceptionConfig, ReleasedPriorConfig, ReleasedSemanticConfig

MAPS = {"start_channels": 8, "start_side": 2, "channels": (32,), "maps_dim": 16}
CONFIG = ReleasedPerceptionConfig(hidden_dim=12, extension_dim=7, n_blocks=1, **MAPS)
RIDGE, N_VOXELS = "ridge1.linears.0.weight", 11


@pytest.fixture(scope="module")
def whole():
    torch.manual_seed(0)
    return dict(CONFIG.build(N_VOXELS).state_dict())


def under(prefix, state):
    return {prefix + key: value for key, value in state.items()}


def inside(state, part, wrapper):
    return {key.replace(f"{part}.", f"{part}.{wrapper}.", 1): value for key, value in state.items()}


WRAPPED = {
    "compile": lambda s: under("_orig_mod.", s),
    "ddp": lambda s: under("module.", s),
    "ddp of compile": lambda s: under("module._orig_mod.", s),
    "compile of ddp": lambda s: {"model_state_dict": under("_orig_mod.module.", s)},
    "compiled part": lambda s: inside(s, "backbone", "_orig_mod"),
    "mixed": lambda s: inside(under("module.", s), "fmri", "_orig_mod"),
    "model": lambda s: under("model.", s),
    "lightning": lambda s: {"state_dict": under("model.", s), "epoch": 3, "pytorch-lightning_version": "2.5"},
    "lightning of compile": lambda s: {"state_dict": under("net._orig_mod.", s), "callbacks": {}},
    "deepspeed": lambda s: {"module": s, "optimizer": None, "ds_config": {"stage": 2}},
    "nested": lambda s: {"model": {"state_dict": under("module.", s)}},
    "fsdp": lambda s: under("_fsdp_wrapped_module.", s),
    "namespace": lambda s: {"model_state_dict": s, "args": argparse.Namespace(lr=1e-3, name="run")},
    "numpy": lambda s: {"state_dict": s, "best": np.float32(1), "n": np.int64(2), "on": np.bool_(1), "l": np.ones(3)},
    "counters": lambda s: {**s, "text_dec.num_batches_tracked": torch.tensor(3)},
}


@pytest.mark.parametrize("how", WRAPPED)
def test_what_is_wrapped_around_weights_is_taken_off(how, whole, tmp_path):
    torch.save(WRAPPED[how](whole), tmp_path / "last.pth")
    report = import_checkpoint(tmp_path / "last.pth", 1, tmp_path / "out")
    state = weights.load(report.written[0]).state_dict()
    assert state.keys() == whole.keys() and all(torch.equal(state[key], whole[key]) for key in whole)
    assert report.unexpected == (["text_dec.num_batches_tracked"] if how == "counters" else [])


def test_a_compressed_file_gives_the_numbers_that_are_in_it(whole, tmp_path):
    """Mapped as it lies, it would give numbers up to 3.4e38, and such that are not finite."""
    torch.save(whole, tmp_path / "stored.pth")
    with (
        zipfile.ZipFile(tmp_path / "stored.pth") as old,
        zipfile.ZipFile(tmp_path / "last.pth", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            new.writestr(member.filename, old.read(member))
    report = import_checkpoint(tmp_path / "last.pth", 1, tmp_path / "out")
    state = weights.load(report.written[0]).state_dict()
    assert all(torch.equal(state[key], whole[key]) for key in whole)


def touched(values, number):
    values = values.clone()
    values[0, 0] = number
    return values


DAMAGED = {
    "nan": (lambda x: touched(x, torch.nan), "perception: got numbers in ridge1.* that are not finite"),
    "infinite": (lambda x: touched(x, -torch.inf), "not finite"),
    "beyond float16": (lambda x: touched(x, 70_000.0), "beyond 65504, the largest of float16.*: take bfloat16"),
    "beyond float32": (lambda x: touched(x.double(), 1e300), "beyond 3.40282e.38, the largest of float32"),
    "sparse": (torch.Tensor.to_sparse, f"no plain numbers, 1 key: {RIDGE}: sparse"),
    "quantized": (lambda x: torch.quantize_per_tensor(x, 0.1, 0, torch.qint8), f"{RIDGE}: quantized"),
    "complex": (lambda x: x + 1j, f"{RIDGE}: complex"),
    "expanded": (lambda x: x[:1].clone().expand(x.shape), f"{RIDGE}: expanded"),
    "huge": (lambda x: x[:1, :1].clone().expand(10**9, 10**9), f"{RIDGE}: expanded"),
    "meta": (lambda x: torch.empty(x.shape, device="meta"), f"{RIDGE}: empty"),
    "integers": (lambda x: x.to(torch.int8), f"{RIDGE}: torch.int8"),
    "float8": (lambda x: x.to(torch.float8_e4m3fn), f"{RIDGE}: torch.float8"),
}


@pytest.mark.filterwarnings("ignore")  # torch tells of sparse and quantized tensors what will become of them
@pytest.mark.parametrize("damage", DAMAGED)
def test_weights_that_are_no_finite_numbers_leave_no_folder(damage, whole, tmp_path):
    change, says = DAMAGED[damage]
    torch.save({**whole, RIDGE: change(whole[RIDGE])}, tmp_path / "last.pth")
    with pytest.raises(InputError, match=f"last.pth: .*{says}") as raised:
        dtype = torch.float16 if "float16" in damage else None
        import_checkpoint(tmp_path / "last.pth", 1, tmp_path / "out", dtype=dtype)
    assert "\n" not in str(raised.value) and os.listdir(tmp_path) == ["last.pth"]


class Custom:
    pass


NO_STATE = {
    "object": ({"model_state_dict": {}, "x": Custom()}, r"got \S+Custom in it.*save the state dict alone"),
    "module": (torch.nn.Linear(1, 1), r"got torch\S*Linear in it"),
    "blocked": ({"x": os.system}, "got posix.system in it"),
    "empty": ({}, "got an empty state dict"),
    "empty inside": ({"state_dict": {}, "epoch": 1}, "got an empty state dict"),
    "list": ([torch.ones(1)], "got a list"),
    "tensor": (torch.ones(1), "got a Tensor"),
    "twice": ({"fmri.a": torch.ones(1), "module.fmri.a": torch.ones(1)}, "got two tensors for fmri.a"),
    "no block": (
        {"fmri.a": torch.ones(1), "backbone.mixer_blocks1.999999.0.weight": torch.ones(1)},
        "got a key backbone.mixer_blocks1.999999 among 2 keys",
    ),
}


@pytest.mark.parametrize("what", NO_STATE)
def test_what_is_no_state_dict_is_said(what, tmp_path):
    stored, says = NO_STATE[what]
    torch.save(stored, tmp_path / "last.pth")
    with pytest.raises(InputError, match=f"last.pth: .*{says}") as raised:
        import_checkpoint(tmp_path / "last.pth", 1, tmp_path / "out")
    assert "\n" not in str(raised.value) and not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["last.pth", "last.safetensors"])
def test_a_pointer_of_git_lfs_is_named_as_one(name, tmp_path):
    (tmp_path / name).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n")
    with pytest.raises(InputError, match="pointer of git-lfs"):
        import_checkpoint(tmp_path / name, 1, tmp_path / "out")


def test_a_public_mindeye_file_of_one_subject_is_taken(tmp_path):
    """Hidden 1024, with the branch of the blurry image, which is kept though no reconstruction uses it."""
    wide = ReleasedSemanticConfig(1024, 4, n_tokens=4, clip_dim=8, condition="backbone", blurry=True, **MAPS)
    state = dict(wide.build(N_VOXELS).state_dict())
    prior = ReleasedPriorConfig(dim=8, n_tokens=4, depth=1, heads=2, head_dim=6, n_timesteps=10).build()
    state |= under("diffusion_prior.", prior.state_dict())
    torch.save({"epoch": 149, "model_state_dict": state}, tmp_path / "last.pth")
    report = import_checkpoint(tmp_path / "last.pth", 1, tmp_path / "out", condition="backbone")
    assert [folder.name for folder in report.written] == ["semantic", "prior"] and not report.unexpected
    assert weights.load(report.written[0]).config == wide
    assert "kept, not used by reconstruct, MindEye2's blurry image" in str(report)


def test_places_that_cannot_be_are_refused_before_the_file_is_read(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "subject1").mkdir()
    (tmp_path / "subject1" / "prior").write_text("mine")
    for out in (tmp_path / "file", tmp_path / "file" / "below", tmp_path):
        with pytest.raises(InputError, match="got a file at .*, expected a folder"):
            import_checkpoint(tmp_path / "none.pth", 1, out)
    with pytest.raises(InputError, match="got subject -1"):
        import_checkpoint(tmp_path / "none.pth", -1, tmp_path / "out")
    assert (tmp_path / "file").read_text() == (tmp_path / "subject1" / "prior").read_text() == "mine"


def test_a_ridge_index_counts_from_zero(whole, tmp_path):
    torch.save(whole, tmp_path / "last.pth")
    with pytest.raises(InputError, match="got ridge index -1, expected 0 or more"):
        import_checkpoint(tmp_path / "last.pth", 1, tmp_path / "out", ridge_index=-1)


def test_a_second_import_takes_the_place_of_the_first_and_leaves_what_is_beside_it(whole, tmp_path):
    home = tmp_path / "subject1" / "perception"
    for factor in (1, 2):
        torch.save({**whole, RIDGE: factor * whole[RIDGE]}, tmp_path / "last.pth")
        import_checkpoint(tmp_path / "last.pth", 1, tmp_path)
        (home / "notes.txt").write_text("mine")
    assert torch.equal(weights.load(home).state_dict()[RIDGE], 2 * whole[RIDGE])
    assert sorted(os.listdir(home)) == ["config.json", "model.safetensors", "notes.txt"]
    assert weights.load(home).config == CONFIG


def test_of_two_sets_of_weights_none_is_taken(whole, tmp_path):
    torch.save({"state_dict": whole, "model_state_dict": {k: v * 0 for k, v in whole.items()}}, tmp_path / "last.pth")
    with pytest.raises(InputError, match="last.pth: got weights under model_state_dict and under state_dict, expected"):
        import_checkpoint(tmp_path / "last.pth", 1, tmp_path / "out")
    assert not (tmp_path / "out").exists()

"""The checkpoint of SDXL unCLIP to folders: every number in its place, and other files refused in one line."""

import pickle
import shutil
import sys
import types
from functools import partial

import pytest
import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from safetensors.torch import load_file
from typer.testing import CliRunner

from neuroclips.cli import app
from neuroclips.errors import InputError
from neuroclips.pretrained import unclip_checkpoint
from neuroclips.pretrained.schedule import with_solver
from neuroclips.pretrained.unclip_checkpoint import Piece, convert, convert_ldm_unet_checkpoint, renamed
from neuroclips.sizes import unclip
from tests.pretrained import sgm

KEY = "model.diffusion_model."


@pytest.fixture(scope="module")
def models():
    return sgm.small_unclip()


@pytest.fixture(scope="module")
def state(models):
    return sgm.sgm_state(*models)


@pytest.fixture(scope="module")
def file(state, tmp_path_factory):
    path = tmp_path_factory.mktemp("sgm") / "unclip.ckpt"
    torch.save(sgm.lightning(state), path)
    return path


def small(file, out, **more):
    return convert(file, out, unet=sgm.UNET, vae=sgm.VAE, **more)


@torch.no_grad()
def test_converted_models_are_the_same_models(models, file, tmp_path, monkeypatch):
    monkeypatch.setattr(unclip_checkpoint, "SHARD", 200_000)
    out = small(file, tmp_path / "unclip6", dtype=torch.float32)
    assert len(list((out / "unet").glob("*.safetensors"))) > 3
    unet, vae = (
        kind.from_pretrained(out / name) for kind, name in ((UNet2DConditionModel, "unet"), (AutoencoderKL, "vae"))
    )
    for made, first in zip((unet, vae), models, strict=True):
        assert made.state_dict().keys() == first.state_dict().keys()
        assert all(torch.equal(value, first.state_dict()[name]) for name, value in made.state_dict().items())
    assert vae.config.scaling_factor == 0.13025
    latents, tokens, labels = torch.randn(2, 4, 8, 8), torch.randn(2, 6, 16), torch.randn(2, 32)
    given, told = models[0](latents, 500, tokens, class_labels=labels), unet(latents, 500, tokens, class_labels=labels)
    assert torch.equal(given.sample, told.sample)
    assert not torch.equal(given.sample, unet(latents, 500, tokens, class_labels=labels + 1).sample)
    assert torch.equal(models[1].decode(latents).sample, vae.decode(latents).sample)


def test_the_codec_stays_float32(models, file, tmp_path):
    out = small(file, tmp_path)
    assert {value.dtype for value in load_file(out / "unet" / "diffusion_pytorch_model.safetensors").values()} == {
        torch.float16
    }
    kept = load_file(out / "vae" / "diffusion_pytorch_model.safetensors")
    assert all(torch.equal(kept[name], value) for name, value in models[1].state_dict().items())


def test_the_real_sizes_have_the_layout_of_sgm():
    """Key by key on the meta device: 2,501 M parameters, some of whose names and shapes are known."""
    piece = Piece(KEY, UNet2DConditionModel, unclip.UNET, convert_ldm_unet_checkpoint)
    unet = piece.empty()
    assert round(sum(p.numel() for p in unet.parameters()) / 1e6) == 2501
    state = {KEY + sgm.unet_name(name): value for name, value in unet.state_dict().items()}
    shapes = {name.removeprefix(KEY): tuple(value.shape) for name, value in state.items()}
    assert len(shapes) == 1680
    for name, shape in {
        "time_embed.0.weight": (1280, 320),
        "label_emb.0.0.weight": (1280, 1024),
        "label_emb.0.2.weight": (1280, 1280),
        "input_blocks.0.0.weight": (320, 4, 3, 3),
        "input_blocks.3.0.op.weight": (320, 320, 3, 3),
        "input_blocks.4.0.skip_connection.weight": (640, 320, 1, 1),
        "input_blocks.4.1.proj_in.weight": (640, 640),
        "input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight": (640, 1664),
        "input_blocks.8.1.transformer_blocks.9.ff.net.0.proj.weight": (10240, 1280),
        "middle_block.1.transformer_blocks.9.attn2.to_v.weight": (1280, 1664),
        "output_blocks.2.2.conv.weight": (1280, 1280, 3, 3),
        "output_blocks.5.1.transformer_blocks.1.norm3.weight": (640,),
        "output_blocks.8.0.in_layers.2.weight": (320, 640, 3, 3),
        "out.2.weight": (4, 320, 3, 3),
    }.items():
        assert shapes[name] == shape, name
    with pytest.MonkeyPatch.context() as patch:  # numbers are all that such tensors lack
        patch.setattr(unclip_checkpoint, "oddity", lambda value: None)
        assert renamed("meta", state, piece).keys() == unet.state_dict().keys()
    with torch.device("meta"):
        vae = AutoencoderKL(**unclip.VAE)
    assert sum(p.numel() for p in vae.parameters()) == 83_653_863


def test_the_schedule_is_that_of_sgm(file, tmp_path):
    out = small(file, tmp_path)
    euler = with_solver(DDIMScheduler.from_pretrained(out / "scheduler"), "euler")
    euler.set_timesteps(38)
    taken = torch.linspace(999, 0, 39)[:-1].long()  # sgm's: evenly spaced without the last, cut to integers
    assert (euler.timesteps - taken).abs().max() <= 1
    assert abs(float(euler.sigmas[0]) - 14.615) < 0.001 and float(euler.sigmas[-1]) == 0
    assert not DDIMScheduler.from_pretrained(out / "scheduler").config.clip_sample


def cut(path, state):
    torch.save(sgm.lightning(state), path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def with_code(path, state):
    class Runs:
        def __reduce__(self):
            return print, ("run",)

    torch.save(sgm.lightning(state) | {"hyper_parameters": Runs()}, path)


def without(path, state):
    torch.save(sgm.lightning({k: v for k, v in state.items() if not k.endswith("middle_block.1.norm.bias")}), path)


def sdxl(path, state):
    torch.save(sgm.lightning(state | {f"{KEY}label_emb.0.0.weight": torch.zeros(128, 88)}), path)


def overflowing(path, state):
    torch.save(sgm.lightning(state | {f"{KEY}out.2.bias": torch.full((4,), 1e6)}), path)


def mindeye(path, state):
    torch.save({"model_state_dict": {"ridge.linears.0.weight": torch.zeros(2, 2)}}, path)


def flat(path, state):
    torch.save(sgm.lightning({"ridge.linears.0.weight": torch.zeros(2, 2)}), path)


def whole_numbers(path, state):
    torch.save(sgm.lightning(state | {f"{KEY}out.2.bias": torch.zeros(4, dtype=torch.int64)}), path)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut, "does not read"),
        (with_code, "got print in it, expected tensors and numbers alone"),
        (without, r"got nothing in mid_block.attentions.0.norm.bias, expected the weights of SDXL unCLIP"),
        (sdxl, r"got shape \(128, 88\) for \(128, 32\) in class_embedding.linear_1.weight"),
        (overflowing, "got numbers in conv_out.bias that are not finite in float16, .*: take bfloat16"),
        (mindeye, "got model_state_dict, expected a state_dict of tensors"),
        (flat, "got keys under ridge, expected first_stage_model"),
        (whole_numbers, "got int64 in conv_out.bias"),
    ],
)
def test_another_file_is_refused_in_one_line(state, damage, said, tmp_path, capsys):
    path, out = tmp_path / "other.ckpt", tmp_path / "out"
    damage(path, state)
    with pytest.raises(InputError, match=said) as raised:
        small(path, out)
    assert str(path) in str(raised.value) and "\n" not in str(raised.value)
    assert not list(out.glob("*")) and not capsys.readouterr().out


def test_the_class_that_lightning_names_is_not_needed(state, tmp_path, monkeypatch):
    """Older versions of it keep the states of callbacks by their class."""
    home = types.ModuleType("pytorch_lightning.callbacks.model_checkpoint")
    home.ModelCheckpoint = type("ModelCheckpoint", (), {"__module__": home.__name__})
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "pytorch_lightning", types.ModuleType("pytorch_lightning"))
        patch.setitem(sys.modules, "pytorch_lightning.callbacks", types.ModuleType("pytorch_lightning.callbacks"))
        patch.setitem(sys.modules, home.__name__, home)
        saved = sgm.lightning(state) | {"callbacks": {home.ModelCheckpoint: {"best_model_path": "a"}}}
        assert b"model_checkpoint" in pickle.dumps(home.ModelCheckpoint)
        torch.save(saved, tmp_path / "old.ckpt")
    assert (small(tmp_path / "old.ckpt", tmp_path / "out") / "unet" / "config.json").is_file()


def test_what_was_there_stays_until_all_is_new(file, tmp_path, monkeypatch):
    out = small(file, tmp_path / "out", dtype=torch.float32)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    (out / "notes.txt").write_text("mine")
    save_file = unclip_checkpoint.save_file

    def fail(tensors, path, metadata):
        if path.parent.name == "unet":
            raise OSError(28, "No space left on device")
        save_file(tensors, path, metadata)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unclip_checkpoint, "save_file", fail)
        with pytest.raises(OSError, match="out"):
            small(file, out)
    assert {path: path.read_bytes() for path in before} == before and len(list(out.iterdir())) == 4
    small(file, out)
    assert (out / "notes.txt").read_text() == "mine" and sorted(p.name for p in out.iterdir()) == [
        "notes.txt",
        "scheduler",
        "unet",
        "vae",
    ]
    assert (out / "unet" / "diffusion_pytorch_model.safetensors").read_bytes() not in before.values()


def test_a_disk_without_room_is_told_before_the_work(file, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: types.SimpleNamespace(free=10**5))
    with pytest.raises(InputError, match="got 0.0 GB of free disk, expected 0.0 GB: choose another folder"):
        small(file, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_command_writes_where_the_paper_zoo_looks(file, tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROCLIPS_MODELS", str(tmp_path))
    monkeypatch.setattr(unclip_checkpoint, "convert", partial(convert, unet=sgm.UNET, vae=sgm.VAE))
    done = CliRunner().invoke(app, ["convert-unclip", str(file), "--dtype", "bfloat16"])
    home = tmp_path / "pscotti" / "mindeyev2" / "unclip6"
    assert done.exit_code == 0 and done.output == f"wrote {home}\n"
    weights = load_file(home / "unet" / "diffusion_pytorch_model.safetensors")
    assert {value.dtype for value in weights.values()} == {torch.bfloat16}
    (tmp_path / "cut.ckpt").write_bytes(file.read_bytes()[:5000])
    done = CliRunner().invoke(app, ["convert-unclip", str(tmp_path / "cut.ckpt"), "--out", str(tmp_path / "none")])
    assert done.exit_code == 2 and "cut.ckpt: got a file that does not read" in done.stderr
    assert done.stderr.count("\n") == 1 and not (tmp_path / "none").exists()

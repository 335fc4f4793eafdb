"""Training that begins with trained weights."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from neuroclips.errors import InputError
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.train import stages
from neuroclips.train.demo_zoo import codec as zoo_codec
from neuroclips.train.engine.card import write_readme
from neuroclips.train.engine.start import load_weights
from tests.conftest import DEMO


def test_training_can_begin_with_trained_weights():
    module = torch.nn.Sequential(torch.nn.Linear(3, 2))
    with pytest.raises(FileNotFoundError, match="no .*safetensors"):
        load_weights({"net": module}, Path(__file__).parent)
    with pytest.raises(ValueError, match="does not fit this stage"):
        load_weights({"net": module}, DEMO / "clip")
    with pytest.raises(ValueError, match="got --start, which stage zoo-git does not use"):
        stages.run(stages.Order("zoo-git", start=DEMO / "git"))


def test_a_codec_that_is_trained_on_keeps_its_latents(tmp_path, monkeypatch):
    """Only the decoder moves: what was trained on the latents still fits."""
    monkeypatch.setattr(zoo_codec, "load", lambda n, frames: (np.zeros((4, 1, 3, 64, 64), np.uint8), None))
    job = zoo_codec.CodecJob(tmp_path, DEMO / "codec")
    known = LatentCodec.from_pretrained(DEMO / "codec")
    moving = {n for n, p in job.codec.vae.named_parameters() if p.requires_grad}
    assert moving and all(n.startswith(("decoder.", "post_quant_conv.")) for n in moving)
    pixels = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(job.codec.eval().encode(pixels), known.encode(pixels), atol=1e-5)


@pytest.mark.parametrize("damage", ["nan", "cut", "pointer"])
def test_damaged_weights_to_start_from_are_named(damage, tmp_path):
    module, path = torch.nn.Linear(3, 2), tmp_path / "model.safetensors"
    save_file({"weight": torch.full((2, 3), torch.nan), "bias": torch.zeros(2)}, path)
    if damage != "nan":
        path.write_bytes(path.read_bytes()[:-4] if damage == "cut" else b"version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(InputError, match=f"{tmp_path}.*: got "):
        load_weights({"net": module}, tmp_path)
    assert all(p.isfinite().all() for p in module.parameters())


@pytest.mark.parametrize("text", ["", "{", "{}", '{"scaling_factor": "1"}', '{"scaling_factor": 0}'])
def test_a_codec_to_start_from_says_its_scale(text, tmp_path, monkeypatch):
    monkeypatch.setattr(zoo_codec, "load", lambda n, frames: (np.zeros((4, 1, 3, 64, 64), np.uint8), None))
    shutil.copytree(DEMO / "codec", tmp_path / "codec")
    (tmp_path / "codec" / "config.json").write_text(text)
    with pytest.raises(InputError, match="config.json: got "):
        zoo_codec.CodecJob(tmp_path / "out", tmp_path / "codec")


def test_a_damaged_record_of_training_is_named(tmp_path):
    for text in ("{", "[]", "{}", '{"command": "x", "steps": 1}'):
        (tmp_path / "training.json").write_text(text)
        with pytest.raises(InputError, match="training.json: got a "):
            write_readme(tmp_path)
        assert not (tmp_path / "README.md").exists()

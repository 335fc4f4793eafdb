"""Training that begins with trained weights."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from neuroclips.errors import InputError
from neuroclips.train import stages
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


@pytest.mark.parametrize("damage", ["nan", "cut", "pointer"])
def test_damaged_weights_to_start_from_are_named(damage, tmp_path):
    module, path = torch.nn.Linear(3, 2), tmp_path / "model.safetensors"
    save_file({"weight": torch.full((2, 3), torch.nan), "bias": torch.zeros(2)}, path)
    if damage != "nan":
        path.write_bytes(path.read_bytes()[:-4] if damage == "cut" else b"version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(InputError, match=f"{tmp_path}.*: got "):
        load_weights({"net": module}, tmp_path)
    assert all(p.isfinite().all() for p in module.parameters())


def test_a_damaged_record_of_training_is_named(tmp_path):
    whole = '"steps": 1, "batch_size": 1, "learning_rate": 1, "loss": 1'
    for text in ("{", "[]", "{}", '{"command": "x", "steps": 1}', f"{{{whole}}}"):
        (tmp_path / "training.json").write_text(text)
        with pytest.raises(InputError, match="training.json: got a "):
            write_readme(tmp_path)
        assert not (tmp_path / "README.md").exists()


def test_a_record_may_say_in_words_how_weights_were_made(tmp_path):
    card = {
        "made by": "a run on one GPU",
        "steps": 3,
        "batch_size": 2,
        "learning_rate": 0.1,
        "loss": 0.5,
        "seconds": 90,
    }
    (tmp_path / "codec").mkdir()
    (tmp_path / "codec" / "training.json").write_text(json.dumps(card))
    write_readme(tmp_path)
    assert "| codec | a run on one GPU | 3 | 2 | 0.1 | 0.5 | 2 | - |" in (tmp_path / "README.md").read_text()

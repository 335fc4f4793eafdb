"""How weights are written, and what the shipped ones say about themselves."""

import json
import zlib

import pytest
import torch
from safetensors.torch import load_file, save_file

from neuroclips.train.demo_zoo import codec as zoo_codec
from neuroclips.train.demo_zoo import keyframes as zoo_keyframes
from neuroclips.train.engine.export import save_model, save_scheduler, shrink
from tests.conftest import DEMO


def test_shipped_weights_are_rounded_once(tmp_path):
    weight = torch.randn(64, 64, generator=torch.Generator().manual_seed(0)).half()
    save_file({"weight": weight}, tmp_path / "model.safetensors", metadata={"format": "pt"})
    shrink(tmp_path)
    rounded = load_file(tmp_path / "model.safetensors")["weight"]
    assert rounded.dtype == torch.float16 and torch.allclose(rounded, weight, rtol=2**-8, atol=0)
    packed = [len(zlib.compress(x.numpy().tobytes())) for x in (weight, rounded)]
    assert packed[1] < 0.9 * packed[0]
    before = (tmp_path / "model.safetensors").read_bytes()
    shrink(tmp_path)
    assert (tmp_path / "model.safetensors").read_bytes() == before


def test_shipped_weights_in_float32_become_what_half_precision_would(tmp_path):
    weight = torch.randn(64, 64, generator=torch.Generator().manual_seed(0))
    for name, value in (("whole", weight), ("half", weight.half())):
        (tmp_path / name).mkdir()
        save_file({"weight": value, "steps": torch.tensor([3])}, tmp_path / name / "model.safetensors")
        (tmp_path / name / "config.json").write_text(json.dumps({"dtype": "float32", "n": 3}))
        shrink(tmp_path / name)
    whole, half = (load_file(tmp_path / name / "model.safetensors") for name in ("whole", "half"))
    assert whole["weight"].dtype == torch.float16 and torch.equal(whole["weight"], half["weight"])
    assert whole["steps"].tolist() == [3]
    assert json.loads((tmp_path / "whole" / "config.json").read_text()) == {"dtype": "float16", "n": 3}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_models_are_saved_in_the_dtype_that_is_asked_for(tmp_path, dtype):
    vae = zoo_codec.build().vae
    save_model(vae, tmp_path, dtype)
    files = [load_file(path) for path in tmp_path.glob("*.safetensors")]
    assert {x.dtype for file in files for x in file.values()} == {dtype} and vae.dtype == torch.float32
    assert "_name_or_path" not in (tmp_path / "config.json").read_text()


def test_shards_of_a_larger_model_leave_when_a_smaller_one_comes(tmp_path):
    """They and their index would be read in its place."""
    scheduler, vae = zoo_keyframes.build_scheduler(), zoo_codec.build().vae
    save_model(vae, tmp_path / "twice", torch.float32)
    shards = len(list((tmp_path / "twice").glob("*.safetensors")))
    for name in ("once", "twice"):
        save_model(vae, tmp_path / name, torch.float16, scheduler)
    once, twice = ({path.name for path in (tmp_path / name).iterdir()} for name in ("once", "twice"))
    assert once == twice > {"config.json", "scheduler_config.json"}
    assert sum(name.endswith(".safetensors") for name in twice) < shards
    save_scheduler(scheduler, tmp_path / "scheduler")
    assert [path.name for path in (tmp_path / "scheduler").iterdir()] == ["scheduler_config.json"]


def test_shipped_weights_reach_their_bars():
    """By the validation scores in their records."""
    records = {path.parent.name: json.loads(path.read_text()) for path in DEMO.glob("*/training.json")}
    short = [
        f"{role}: {name}"
        for role, record in records.items()
        for name, bar in record.get("bars", {}).items()
        if record["scores"][name] < bar
    ]
    assert len(records) == 11 and not short


def test_the_record_says_how_weights_came_about():
    cards = [json.loads(p.read_text()) for p in DEMO.glob("*/*/training.json")]
    assert cards and all(card["share of the time in the network"] > 0.9 for card in cards)
    assert all("--stage" in card["command"] and card["scores"] for card in cards)

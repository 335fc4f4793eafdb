"""A seed gives the same weights, whether targets and models were there or had to be made and loaded first."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from neuroclips import zoo
from neuroclips.once import loaded_once
from neuroclips.train import stages
from neuroclips.train.names import STAGES
from neuroclips.train.spec import Given
from tests.train.demo_zoo.conftest import few as few_web  # noqa: F401 - a fixture
from tests.train.small import FEW_STEPS, SMALL

ZOO_STAGES = [name for name in STAGES if name.startswith("zoo-")]


@pytest.fixture
def nothing_loaded(monkeypatch):
    monkeypatch.setattr(zoo, "_load", loaded_once(zoo._load.__wrapped__))


def test_a_cold_and_a_warm_cache_give_the_same_weights(few, nothing_loaded, monkeypatch, tmp_path):
    """The network is built after clips and words are encoded, by a CLIP and a projector that are loaded for it."""
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path / "cache"))
    order = stages.Order("semantic", (1,), dataset="preprocessed", source=few / "data", changes={**SMALL, "reftm": 1})
    order = replace(order, resume=False, run_dir=tmp_path / "run", recipe={**FEW_STEPS, "steps": 3, "batch_size": 8})
    made = []
    for name in ("cold", "warm"):
        torch.rand(3)  # what was drawn before does not matter either
        stages.run(replace(order, out=tmp_path / name))
        made.append(load_file(tmp_path / name / "model.safetensors"))
    assert made[0].keys() == made[1].keys() and all(torch.equal(x, made[1][name]) for name, x in made[0].items())


@pytest.mark.parametrize("stage", ZOO_STAGES)
def test_initial_weights_are_those_of_the_seed(few_web, nothing_loaded, stage, tmp_path):  # noqa: F811
    spec, made = stages.stage_named(stage), []
    for _ in range(2):  # with nothing in the cache, and with all
        job = stages.built(spec, Given(zoo.zoo_named(), spec.preset("demo"), {0: tmp_path}))
        made.append({f"{m}.{k}": v for m, module in job.modules.items() for k, v in module.state_dict().items()})
    assert made[0] and all(torch.equal(value, made[1][name]) for name, value in made[0].items())

"""The prior, perception, the baseline, fusion and the projector, each trained for a few steps."""

import json
from dataclasses import replace

import pytest
import torch

from neuroclips.data.training import ArraysTraining
from neuroclips.film_size import film_pixels
from neuroclips.reconstructors import weights
from neuroclips.train import stages
from neuroclips.train.demo_zoo import from_brains
from neuroclips.train.targets import pairs
from neuroclips.zoo import RECONSTRUCTORS, load_part, zoo_named
from tests.train.small import train


def test_prior_perception_linear_and_fusion(few, semantic):
    made = train(few, "prior", out="subject1/prior", changes={"network.depth": 1})
    assert -1 <= made["scores"]["cosine"] <= 1
    tokens = weights.load(semantic)(torch.randn(2, 120))
    prior = weights.load(few / "subject1" / "prior")
    assert prior.sample(tokens, 4, 2 * [torch.Generator().manual_seed(0)]).shape == (2, 16, 128)
    made = train(
        few, "perception", out="subject1/perception", changes={"network.channels": [16, 8, 8]}, recipe={"steps": 4}
    )
    assert "pixel correlation" in made["scores"]
    side = film_pixels() // 8  # of latents
    assert weights.load(few / "subject1" / "perception")(torch.randn(2, 120)).shape == (2, 6, 8, side, side)
    made = train(few, "linear", out="linear")
    assert made["scores"]["retrieval"] > 5 / 240
    assert weights.load(few / "linear" / "latents")(torch.randn(2, 120)).shape == (2, 6, 8, side, side)
    made = train(few, "fusion", (), out="fusion", recipe={"steps": 200})
    assert made["scores"]["balanced accuracy"] > 0.6  # always saying the same has 0.5


def test_training_films_are_decoded_out_of_fold_and_validation_films_are_not_among_them(few, semantic, monkeypatch):
    """After the trainings above: tokens tell of their own clips, though no ridge saw them."""
    data, zoo = ArraysTraining(few / "data"), zoo_named()
    monkeypatch.setattr(from_brains, "open_training", lambda name: data)
    monkeypatch.setattr(from_brains, "SUBJECTS", (1,))
    parts = tuple(replace(p, source=str(few)) if p.role in RECONSTRUCTORS else p for p in zoo.parts)
    zoo = replace(zoo, parts=parts, settings=replace(zoo.settings, prior_steps=2))
    films = from_brains.decoded_films(zoo)
    side = film_pixels() // 8  # of latents
    assert films["tokens"].shape == (240, 2, 16, 128) and films["first"].shape == (240, 8, side, side)
    assert films["clips"].tolist() == list(range(240))  # of 480, whose second half validates
    assert from_brains.first_latents(zoo, films["clips"][:3]).shape == (3, 8, side, side)
    boxes = from_brains.first_boxes(films["clips"][:40])
    assert boxes.shape == (40, 4) and (boxes[:, 2:] > boxes[:, :2]).all()


def test_another_subjects_weights_are_refused(few, semantic):
    with pytest.raises(ValueError, match="got a reconstructor of 120 voxels .* expected 90"):
        stages.run(
            stages.Order("prior", (2,), dataset="preprocessed", source=few / "data", out=few / "subject1" / "other")
        )


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

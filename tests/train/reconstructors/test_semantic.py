"""The Semantics Reconstructor learns what is in the voxels, for one subject or several."""

import pytest
import torch

from neuroclips.reconstructors import weights
from neuroclips.train.engine.log import read_log
from tests.train.small import train


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


def test_joint_training_writes_a_prior_beside_the_reconstructor(few):
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

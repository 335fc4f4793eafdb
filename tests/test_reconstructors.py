"""The networks of the paper: shapes, honesty between clips, and agreement with references."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from neuroclips.reconstructors import weights
from neuroclips.reconstructors.layers import TemporalAttention, ridge_solution
from neuroclips.reconstructors.perception import InceptionExtension, PerceptionConfig
from neuroclips.reconstructors.prior import PriorConfig
from neuroclips.reconstructors.semantic import SemanticConfig

SEMANTIC, PRIOR = SemanticConfig(4, 8, ridge_dim=6, hidden_dim=16), PriorConfig(4, 8, depth=1)
PERCEPTION = PerceptionConfig(ridge_dim=6, hidden_dim=16, channels=(16, 8, 8))


def test_ridge_is_sklearns(generator):
    x, y = torch.randn(50, 7, generator=generator), torch.randn(50, 3, generator=generator)
    weight, bias = ridge_solution(x, y, penalty=0.2)
    reference = Ridge(alpha=0.2 * 50).fit(x.numpy(), y.numpy())
    assert np.allclose(weight, reference.coef_, atol=1e-5) and np.allclose(bias, reference.intercept_, atol=1e-5)


def test_shapes(generator):
    voxels = torch.randn(3, 11, generator=generator)
    assert SEMANTIC.build(11)(voxels).shape == (3, 4, 8)
    assert PERCEPTION.build(11)(voxels).shape == (3, 6, 4, 12, 12)
    assert InceptionExtension(11, 6)(voxels).shape == (3, 6, 11)


def test_clips_of_a_batch_do_not_influence_each_other(generator):
    model = PERCEPTION.build(11).eval()
    model.ridge.weight.normal_(generator=generator)
    voxels = torch.randn(3, 11, generator=generator)
    together, alone = model(voxels), model(voxels[1:2])
    assert torch.allclose(together[1], alone[0], atol=1e-5)
    assert not torch.allclose(together[0], together[1], atol=1e-3)


def test_frames_of_a_clip_do_influence_each_other(generator):
    attention = TemporalAttention(8, 6)
    e = torch.randn(1, 6, 8, 2, 2, generator=generator)
    moved = e.clone()
    moved[:, 5] += 1
    assert not torch.allclose(attention(e)[:, 0], attention(moved)[:, 0])


def test_temporal_attention_is_equation_2(generator):
    attention = TemporalAttention(8, 6)
    e = torch.randn(2, 6, 8, 1, 1, generator=generator)
    rows = e[1, :, :, 0, 0]
    placed = rows + attention.position
    softmax = torch.softmax(attention.query(placed) @ attention.key(placed).T / 8**0.5, -1)
    expected = attention.eta * rows + (1 - attention.eta) * softmax @ rows
    assert torch.allclose(attention(e)[1, :, :, 0, 0], expected, atol=1e-5)


def test_prior_samples_are_reproducible_and_depend_on_the_brain(generator):
    prior = PRIOR.build().eval()
    brain = torch.randn(2, 4, 8, generator=generator)
    draws = [prior.sample(b, 5, torch.Generator().manual_seed(s)) for b, s in ((brain, 1), (brain, 1), (brain, 2))]
    assert draws[0].shape == (2, 4, 8) and torch.equal(draws[0], draws[1]) and not torch.equal(draws[0], draws[2])
    other = prior.sample(brain.flip(0), 5, torch.Generator().manual_seed(1))
    assert not torch.allclose(other, draws[0])


@pytest.mark.parametrize(
    ("config", "arguments"), [(SEMANTIC, {"n_voxels": 5}), (PRIOR, {}), (PERCEPTION, {"n_voxels": 5})]
)
def test_weights_travel_with_the_json_that_rebuilds_them(config, arguments, tmp_path):
    model = config.build(**arguments)
    weights.save(model, tmp_path / "part", **arguments)
    again = weights.load(tmp_path / "part")
    assert again.config == config
    for name, value in model.state_dict().items():
        assert torch.allclose(again.state_dict()[name], value.half().float())


def test_missing_weights_say_how_to_train(tmp_path):
    with pytest.raises(FileNotFoundError, match="neuroclips train"):
        weights.load(tmp_path / "nothing")


def test_impossible_latent_side_is_refused():
    with pytest.raises(ValueError, match="latent side 10"):
        PerceptionConfig(latent_side=10)

"""The networks of the paper: shapes, honesty between clips, and agreement with references."""

import copy
from dataclasses import replace

import pytest
import torch

from neuroclips.reconstructors import weights
from neuroclips.reconstructors.fusion import FusionConfig
from neuroclips.reconstructors.layers import TemporalAttention
from neuroclips.reconstructors.linear import LinearConfig
from neuroclips.reconstructors.perception import InceptionExtension, PerceptionConfig, TemporalUpsampling
from neuroclips.reconstructors.prior import PriorConfig
from neuroclips.reconstructors.projector import ProjectorConfig
from neuroclips.reconstructors.released import ReleasedPerceptionConfig, ReleasedSemanticConfig
from neuroclips.reconstructors.semantic import SemanticConfig

SEMANTIC, PRIOR = SemanticConfig(4, 8, ridge_dim=6, hidden_dim=16), PriorConfig(4, 8, depth=1, heads=2)
PERCEPTION = PerceptionConfig(latent_side=12, ridge_dim=6, hidden_dim=16, extension_dim=8, channels=(16, 8, 8))
N_VOXELS = 13_447  # of the paper's subject 1


def test_shapes(generator):
    voxels = torch.randn(3, 11, generator=generator)
    assert SEMANTIC.build(11)(voxels).shape == (3, 4, 8)
    assert PERCEPTION.build(11)(voxels).shape == (3, 6, 4, 12, 12)
    assert replace(PERCEPTION, extend="ridge", extension_rank=2).build(11)(voxels).shape == (3, 6, 4, 12, 12)
    assert (
        InceptionExtension(11, 6, 8)(voxels).shape == InceptionExtension(11, 6, 8, rank=2)(voxels).shape == (3, 6, 11)
    )
    assert LinearConfig((4, 8)).build(11)(voxels).shape == (3, 4, 8)


def test_the_extension_is_the_voxels_plus_an_mlp_for_each_frame(generator):
    extension, y = InceptionExtension(11, 6, 8), torch.randn(2, 11, generator=generator)
    first, gelu, last = extension.mlp
    for frame in range(6):
        rows = slice(11 * frame, 11 * (frame + 1))
        own = gelu(first(y)) @ last.weight[rows].T + last.bias[rows]
        assert torch.allclose(extension(y)[:, frame], y + own, atol=1e-5)


def test_upsampling_blocks_have_both_learnable_residuals(generator):
    block = TemporalUpsampling(8, 4, 6, upsample=True, temporal=True).eval()
    e = torch.randn(2, 6, 8, 3, 3, generator=generator)
    assert block(e).shape == (2, 6, 4, 6, 6)
    with torch.no_grad():
        block.eta_1.fill_(0.0), block.eta_2.fill_(1.0)  # neither layer is heard
        grown = block.upsampling(e.flatten(0, 1)).unflatten(0, (2, 6))
        assert torch.allclose(block(e), grown, atol=1e-5)
        block.eta_1.fill_(0.7)
        assert not torch.allclose(block(e), grown, atol=1e-3)
    assert block.eta_1.requires_grad and block.eta_2.requires_grad


def test_without_temporal_attention_frames_do_not_meet(generator):
    block = TemporalUpsampling(8, 4, 6, upsample=False, temporal=False).eval()
    e = torch.randn(1, 6, 8, 3, 3, generator=generator)
    moved = e.clone()
    moved[:, 5] += 1
    assert torch.allclose(block(e)[:, :5], block(moved)[:, :5], atol=1e-6)


def test_neighbours_are_judged_whatever_their_order(generator):
    classifier = FusionConfig(8).build().eval()
    one, other = torch.randn(3, 8, generator=generator), torch.randn(3, 8, generator=generator)
    assert classifier(one, other).shape == (3,) and torch.equal(classifier(one, other), classifier(other, one))


def test_the_prior_gets_tokens_of_the_condition_and_retrieval_the_projected_ones(generator):
    small, voxels = SemanticConfig(4, 16, 8, 8, n_blocks=1, dropout=0), torch.randn(2, 50, generator=generator)
    projected = small.build(50)
    torch.nn.init.normal_(projected.projector.layers[-1].weight, generator=generator)
    backbone = replace(small, condition="backbone").build(50)
    backbone.load_state_dict(projected.state_dict())
    assert torch.equal(projected(voxels), projected.projected(voxels))
    assert torch.equal(backbone.projected(voxels), projected(voxels))
    assert torch.equal(backbone.projector(backbone(voxels)), projected(voxels))
    with pytest.raises(ValueError, match="got condition 'other', expected one of: projected, backbone"):
        replace(small, condition="other")


def test_parameters_at_the_papers_size():
    """In millions, as in docs/training.md. Those of the released modules are in test_released.py: 2,204.9 and 229.2."""

    def millions(config, **arguments):
        return round(weights.n_parameters(config, **arguments) / 1e6, 1)

    assert millions(SemanticConfig(), n_voxels=N_VOXELS) == 1942.9 and millions(PriorConfig()) == 203.3
    assert millions(PerceptionConfig(), n_voxels=N_VOXELS) == 239.9
    assert round(millions(SemanticConfig(head_rank=512), n_voxels=N_VOXELS)) == 418
    assert round(millions(PerceptionConfig(extension_rank=64), n_voxels=N_VOXELS)) == 220


@pytest.mark.parametrize("small", [{"n_tokens": 4, "clip_dim": 64}])
def test_paper_depths_take_one_step_with_fewer_tokens(small, generator):
    """The default depths, at a width that fits into memory and with fewer tokens, on real numbers."""
    voxels = torch.randn(2, 50, generator=generator)
    semantic = replace(SemanticConfig(), **small, hidden_dim=512, ridge_dim=512).build(50)
    perception = replace(PerceptionConfig(), hidden_dim=512, ridge_dim=512).build(50)
    for model in (semantic, perception):
        before = model.ridge.weight.detach().clone()
        model(voxels).square().mean().backward()
        torch.optim.AdamW(model.parameters(), 3e-4).step()
        assert not torch.equal(before, model.ridge.weight)


def test_paper_networks_step_on_meta():
    with torch.device("meta"):
        voxels = torch.empty(2, N_VOXELS)
        models = [SemanticConfig().build(N_VOXELS), PerceptionConfig().build(N_VOXELS)]
        for model, shape in zip(models, [(2, 256, 1664), (2, 6, 4, 28, 28)], strict=True):
            out = model(voxels)
            assert out.shape == shape
            out.square().mean().backward()
            torch.optim.AdamW(model.parameters(), 3e-4).step()
        prior, brain = PriorConfig().build(), torch.empty(2, 256, 1664)
        predicted = prior.predict(brain, torch.zeros(2, dtype=torch.long), brain)
        assert predicted.shape == (2, 256, 1664)
        predicted.square().mean().backward()
        torch.optim.AdamW(prior.parameters(), 3e-4).step()


@pytest.mark.parametrize(
    ("config", "arguments"),
    [(ReleasedSemanticConfig(), {"n_voxels": 100}), (ReleasedPerceptionConfig(), {"n_voxels": 100})],
)
def test_released_networks_step_on_meta(config, arguments):
    with torch.device("meta"):
        model = config.build(**arguments)
        model(torch.empty(2, 100)).square().mean().backward()
        torch.optim.AdamW(model.parameters(), 3e-4).step()


def test_encoders_and_prior_follow_their_weights_to_another_device(judges):
    """Nothing is left on the CPU: on the meta device there is no number, only shapes and devices."""
    clip = copy.deepcopy(judges.clip).to("meta")
    tokens = clip.image_tokens(torch.empty(2, 3, 96, 96, device="meta"))
    assert tokens.device.type == clip.text_embeddings(["a dog"]).device.type == "meta"
    assert clip.text_tokens(["a dog"]).device.type == "meta"


def test_clips_of_a_batch_do_not_influence_each_other(generator):
    model = PERCEPTION.build(11).eval()
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
    assert torch.allclose(attention(e)[1, :, :, 0, 0], softmax @ rows, atol=1e-5)


def test_prior_samples_are_reproducible_and_depend_on_the_brain(generator):
    prior = PRIOR.build().eval()
    brain = torch.randn(2, 4, 8, generator=generator)
    draws = [prior.sample(b, 5, [torch.Generator().manual_seed(s)]) for b, s in ((brain, 1), (brain, 1), (brain, 2))]
    assert draws[0].shape == (2, 4, 8) and torch.equal(draws[0], draws[1]) and not torch.equal(draws[0], draws[2])
    other = prior.sample(brain.flip(0), 5, [torch.Generator().manual_seed(1)])
    assert not torch.allclose(other, draws[0])


@pytest.mark.parametrize(
    ("config", "arguments"),
    [
        (SEMANTIC, {"n_voxels": 5}),
        (replace(SEMANTIC, head_rank=3, projector_layers=0), {"n_voxels": 5}),
        (PRIOR, {}),
        (PERCEPTION, {"n_voxels": 5}),
        (LinearConfig((4, 8)), {"n_voxels": 5}),
        (ProjectorConfig(8, 5), {}),
        (FusionConfig(8), {}),
    ],
)
def test_weights_travel_with_the_json_that_rebuilds_them(config, arguments, tmp_path):
    model = config.build(**arguments)
    weights.save(model, tmp_path / "part", **arguments)
    again = weights.load(tmp_path / "part")
    assert again.config == config
    for name, value in model.state_dict().items():
        assert torch.equal(again.state_dict()[name], value)


def test_missing_weights_say_how_to_train(tmp_path):
    with pytest.raises(FileNotFoundError, match="neuroclips train"):
        weights.load(tmp_path / "nothing")


def test_impossible_latent_side_is_refused():
    with pytest.raises(ValueError, match="latent side 10"):
        PerceptionConfig(latent_side=10)

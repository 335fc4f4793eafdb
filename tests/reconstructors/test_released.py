"""The released networks: their key names and sizes, their quirks against plain formulas, and the import of files."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

from neuroclips.reconstructors import weights
from neuroclips.reconstructors.import_checkpoint import import_checkpoint
from neuroclips.reconstructors.released import ReleasedPerceptionConfig, ReleasedPriorConfig, ReleasedSemanticConfig
from neuroclips.reconstructors.released.mixer import Mixer
from neuroclips.reconstructors.released.perception import InceptionExtension
from neuroclips.reconstructors.released.prior import ddim_times
from neuroclips.reconstructors.released.tables import Rotary
from neuroclips.reconstructors.released.transformer import GainNorm, MultiQueryAttention, RelativeBias, buckets
from neuroclips.reconstructors.released.video_decoder import FrameBlock, over_frames

MAPS = {"start_channels": 8, "start_side": 2, "channels": (64, 32, 32), "maps_dim": 16}
SEMANTIC = ReleasedSemanticConfig(hidden_dim=12, n_blocks=2, n_tokens=5, clip_dim=8, text_dim=6)
MINDEYE = ReleasedSemanticConfig(12, 2, 5, 8, condition="backbone", blurry=True, **MAPS)
PRIOR = ReleasedPriorConfig(dim=8, n_tokens=5, depth=2, heads=2, head_dim=6, n_timesteps=30)
PERCEPTION = ReleasedPerceptionConfig(hidden_dim=12, extension_dim=7, n_blocks=2, **MAPS)
N_VOXELS = 11


def built(config, *arguments, seed=0) -> nn.Module:
    """With random biases, gains and mixing weights, all exact in half precision."""
    torch.manual_seed(seed)
    model = config.build(*arguments).eval().requires_grad_(False)
    for parameter in model.parameters():
        parameter.copy_((parameter + 0.2 * torch.randn_like(parameter)).half())
    return model


def on_meta(config, *arguments) -> nn.Module:
    with torch.device("meta"):
        return config.build(*arguments)


def n_parameters(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


# --- names and sizes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "n_voxels", "n_keys", "expected"),
    [
        (
            ReleasedSemanticConfig(text_dim=1280),
            13447,
            65,
            {
                "ridge.linears.0.weight": (4096, 13447),
                "backbone.mixer_blocks1.3.1.3.weight": (4096, 4096),
                "backbone.mixer_blocks2.3.1.0.bias": (1,),
                "backbone.backbone_linear.bias": (425984,),
                "backbone.clip_proj.8.weight": (1664, 1664),
                "clipproj.proj": (1664, 1280),
            },
        ),
        (
            ReleasedSemanticConfig(blurry=True),
            15724,
            164,
            {
                "backbone.blin1.weight": (3136, 4096),
                "backbone.bnorm.bias": (64,),
                "backbone.b_maps_projector.6.bias": (512,),
                "backbone.bupsampler.up_blocks.1.resnets.0.conv_shortcut.weight": (64, 128, 1, 1),
                "backbone.bupsampler.mid_block.attentions.0.to_out.0.weight": (128, 128),
            },
        ),
        (
            ReleasedPerceptionConfig(),
            13447,
            299,
            {
                "fmri.lin1.0.weight": (80682, 256),
                "fmri.mixer_blocks2.0.1.0.weight": (1, 1),
                "ridge1.linears.0.bias": (4096,),
                "backbone.bupsampler.mid_block.weights.0": (1,),
                "backbone.bupsampler.up_blocks.2.temp_attentions.1.to_q.weight": (32, 32),
                "backbone.bupsampler.up_blocks.2.resnets.0.conv_shortcut.bias": (32,),
                "backbone.bupsampler.up_blocks.1.upsamplers.0.conv.weight": (64, 64, 3, 3),
                "backbone.bupsampler.conv_out.weight": (4, 32, 3, 3),
            },
        ),
    ],
)
def test_keys_of_the_reconstructors_are_the_released_ones(config, n_voxels, n_keys, expected):
    shapes = {k: tuple(v.shape) for k, v in on_meta(config, n_voxels).state_dict().items()}
    assert len(shapes) == n_keys
    assert {k: shapes.get(k) for k in expected} == expected


def test_keys_of_the_prior_are_the_released_ones():
    shapes = {k: tuple(v.shape) for k, v in on_meta(ReleasedPriorConfig()).state_dict().items()}
    assert len(shapes) == 85 and sum(s == (100,) for s in shapes.values()) == 13
    expected = {
        "noise_scheduler.p2_loss_weight": (100,),
        "net.null_image_embed": (256, 1664),
        "net.to_time_embeds.0.1.net.1.0.weight": (3328, 3328),
        "net.causal_transformer.rel_pos_bias.relative_attention_bias.weight": (32, 32),
        "net.causal_transformer.layers.5.0.null_kv": (2, 52),
        "net.causal_transformer.layers.5.0.rotary_emb.freqs": (16,),
        "net.causal_transformer.layers.5.0.to_out.1.g": (1664,),
        "net.causal_transformer.layers.5.1.5.weight": (1664, 6656),
        "net.causal_transformer.project_out.weight": (1664, 1664),
    }
    assert {k: shapes.get(k) for k in expected} == expected


def test_paper_sizes():
    perception, semantic = (
        on_meta(ReleasedPerceptionConfig(), 13447),
        on_meta(ReleasedSemanticConfig(text_dim=1280), 13447),
    )
    assert n_parameters(perception) == 229_184_945 and n_parameters(perception.backbone.bupsampler) == 2_166_443
    parts = (semantic.ridge, semantic.backbone, semantic.clipproj)
    assert [n_parameters(part) for part in parts] == [55_083_008, 1_887_861_400, 2_129_920]
    prior = on_meta(ReleasedPriorConfig())
    rotary = prior.net.causal_transformer.layers[0][0].rotary_emb.freqs.numel()  # 16 that the released code counts
    assert n_parameters(prior) + rotary == 259_865_216
    assert n_parameters(semantic) + n_parameters(prior) + rotary == 2_204_939_544
    mindeye = on_meta(ReleasedSemanticConfig(condition="backbone", blurry=True), 15724)
    assert n_parameters(mindeye) + n_parameters(prior) + rotary == 2_227_294_844


# --- mixer, tokens, extension ----------------------------------------------------------------------------------------


def test_mixer_adds_one_scalar_and_its_first_path_cancels(generator):
    mixer = Mixer(6, 3).eval()
    for parameter in mixer.parameters():
        nn.init.normal_(parameter, generator=generator)
    x = torch.randn(4, 6, generator=generator)
    out = mixer.mixed(x)
    scalar = sum(path[1](path[0].bias) for path in mixer.mixer_blocks2)
    assert scalar.abs() > 0.1 and torch.allclose(out - x, scalar.expand(4, 6), atol=1e-5)
    for parameter in mixer.mixer_blocks1.parameters():
        nn.init.normal_(parameter, generator=generator)
    assert torch.equal(mixer.mixed(x), out)
    fresh = Mixer(6, 3).eval()
    fresh.mixed(x).square().sum().backward()
    assert all((p.grad == 0).all() for p in fresh.mixer_blocks1.parameters())


def test_projector_treats_tokens_alone_and_condition_picks_its_side(generator):
    model, voxels = built(SEMANTIC, N_VOXELS), torch.randn(2, N_VOXELS, generator=generator)
    before = built(ReleasedSemanticConfig(**vars(SEMANTIC) | {"condition": "backbone"}), N_VOXELS)(voxels)
    assert before.shape == (2, 5, 8) and torch.equal(model(voxels), model.projected(voxels))
    token, layers = before[1, 3], model.backbone.clip_proj
    for norm, linear in ((0, 2), (3, 5), (6, 8)):
        token = F.layer_norm(token, (8,), layers[norm].weight, layers[norm].bias)
        token = layers[linear].weight @ F.gelu(token) + layers[linear].bias
    assert torch.allclose(model(voxels)[1, 3], token, atol=1e-5) and not torch.allclose(before, model(voxels))
    assert torch.allclose(model.clipproj(before)[0], before[0].mean(0) @ model.clipproj.proj, atol=1e-5)


def test_tokens_are_linear_in_the_voxels(generator):
    model, voxels = built(SEMANTIC, N_VOXELS), torch.randn(1, N_VOXELS, generator=generator)
    tokens = [model._tokens(k * voxels) for k in (0, 1, 2)]
    assert torch.allclose(tokens[2] - tokens[1], tokens[1] - tokens[0], atol=1e-4)
    assert model.n_voxels == N_VOXELS and model.voxel_weights.shape == (12, N_VOXELS)
    assert model.centre.shape == (5, 8) and not model.centre.any()


def test_mindeye_has_a_blurry_image_too(generator):
    model, voxels = built(MINDEYE, N_VOXELS), torch.randn(2, N_VOXELS, generator=generator)
    latents = model.blurry_latents(voxels)
    assert latents.shape == (2, 4, 8, 8) and torch.allclose(model.blurry_latents(voxels[1:])[0], latents[1], atol=1e-5)
    assert not torch.allclose(latents[0], latents[1], atol=1e-3)
    with pytest.raises(ValueError, match="low-level"):
        built(SEMANTIC, N_VOXELS).blurry_latents(voxels)


def test_unknown_condition_is_refused():
    with pytest.raises(ValueError, match="'tokens'.*projected.*backbone"):
        ReleasedSemanticConfig(condition="tokens")


def test_extension_is_gelu_of_slices(generator):
    extension = InceptionExtension(N_VOXELS, 7, 6).eval()
    voxels = 3 * torch.randn(50, N_VOXELS, generator=generator)
    extended = extension(voxels)
    assert extended.shape == (50, 6, N_VOXELS) and -0.17005 < extended.min() < 0
    hidden, last = extension.mixed(extension.lin0(voxels)), extension.lin1[0]
    slice_4 = slice(4 * N_VOXELS, 5 * N_VOXELS)
    assert torch.allclose(extended[:, 4], F.gelu(hidden @ last.weight[slice_4].T + last.bias[slice_4]), atol=1e-6)


# --- the blurry video ------------------------------------------------------------------------------------------------


def test_perception_keeps_clips_apart_unless_told_to_group_like_the_released_code(generator):
    voxels = torch.randn(3, N_VOXELS, generator=generator)
    apart = built(PERCEPTION, N_VOXELS)
    latents = apart(voxels)
    assert latents.shape == (3, 6, 4, 8, 8) and apart.voxel_weights.shape == (12, apart.n_voxels)
    assert torch.allclose(apart(voxels[1:2])[0], latents[1], atol=1e-4)
    grouped = built(ReleasedPerceptionConfig(**vars(PERCEPTION) | {"group_length": 10}), N_VOXELS)
    moved = voxels.clone()
    moved[0] += 1
    difference = (grouped(moved) - grouped(voxels)).abs().amax((2, 3, 4))  # (3, n_frames)
    assert (difference[1, :4] > 1e-3).all()  # frames 6 to 9 share a group with the first clip
    assert (difference[1, 4:] < 1e-5).all() and (difference[2] < 1e-5).all()
    assert torch.allclose(grouped(voxels[:1]), apart(voxels[:1]), atol=1e-5)  # one clip is one group


def test_frames_of_a_clip_influence_each_other_only_through_the_mix(generator):
    torch.manual_seed(0)
    fresh = PERCEPTION.build(N_VOXELS).eval()
    voxels = torch.randn(1, N_VOXELS, generator=generator)
    before = fresh(voxels)
    scalars = [p for name, p in fresh.named_parameters() if ".weights." in name]
    assert len(scalars) == 7 and all(s.item() == 1 for s in scalars)
    for name, parameter in fresh.named_parameters():
        if "temp_attentions" in name:
            nn.init.normal_(parameter, generator=generator)
    assert torch.equal(fresh(voxels), before)  # weight 1: the path over frames is off
    nn.init.constant_(scalars[0], 0.5)
    assert not torch.allclose(fresh(voxels), before, atol=1e-3)


def test_mix_and_attention_over_frames_are_their_formulas(generator):
    torch.manual_seed(0)
    block = FrameBlock(64, 1).requires_grad_(False)
    block.weights[0].fill_(0.3)
    x = torch.randn(5, 64, 2, 3, generator=generator)
    space, attention = block.attentions[0](x), block.temp_attentions[0]
    over = over_frames(attention, space)
    assert torch.allclose(block.attend(0, x, 5), 0.3 * space + 0.7 * over, atol=1e-6)
    rows = space[:, :, 1, 2]  # (frames, channels) at one place
    normed = attention.group_norm(rows.T[None])[0].T
    scores = attention.to_q(normed) @ attention.to_k(normed).T / 8
    expected = rows + attention.to_out[0](scores.softmax(-1) @ attention.to_v(normed))
    assert torch.allclose(over[:, :, 1, 2], expected, atol=1e-5)
    order = [3, 0, 4, 2, 1]  # no frame positions
    assert torch.allclose(over_frames(attention, space[order]), over[order], atol=1e-5)


def test_decoder_is_that_of_a_vae_where_attention_is_silent(generator):
    video, image = built(PERCEPTION, N_VOXELS).backbone, built(MINDEYE, N_VOXELS, seed=1).backbone.bupsampler
    for name, parameter in video.bupsampler.named_parameters():
        if ".weights." in name:
            parameter.fill_(1)
        elif "up_blocks" in name and ".attentions." in name and "to_out" in name:
            parameter.zero_()
    shared = {k: v for k, v in video.bupsampler.state_dict().items() if k in image.state_dict()}
    image.load_state_dict(shared)  # strict: the video's keys hold all of the image's
    features = torch.randn(4, 12, generator=generator)
    maps = F.group_norm((features @ video.blin1.weight.T + video.blin1.bias).view(4, 8, 2, 2), 1)
    maps = maps * video.bnorm.weight[:, None, None] + video.bnorm.bias[:, None, None]
    assert torch.allclose(video.start_maps(features), maps, atol=1e-5)
    assert torch.allclose(video.bupsampler(maps, 6), image(maps), atol=1e-4)


# --- the prior -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reference():
    """Weights, inputs and outputs of dalle2-pytorch, see benchmarks/released_reference.py."""
    with np.load(Path(__file__).parent / "released_prior.npz") as stored:
        return {name: torch.from_numpy(stored[name]) for name in stored.files}


@pytest.fixture(scope="module")
def reference_prior(reference):
    prior = ReleasedPriorConfig(dim=8, n_tokens=24, depth=2, heads=2, head_dim=36).build().eval().requires_grad_(False)
    prior.load_state_dict({k: v for k, v in reference.items() if not k.startswith(("in.", "out."))})
    return prior


def test_prior_predicts_what_dalle2_pytorch_predicts(reference, reference_prior):
    predicted = reference_prior.predict(reference["in.noisy"], reference["in.t"], reference["in.brain"])
    assert torch.allclose(predicted, reference["out.predicted"], atol=2e-5)
    for name, table in reference_prior.noise_scheduler.state_dict().items():
        assert torch.equal(table, reference[f"noise_scheduler.{name}"]), name


@pytest.mark.parametrize(("name", "n_steps", "n_calls"), [("ddim", 20, 19), ("ddpm", 100, 100)])
def test_prior_samples_what_dalle2_pytorch_samples(name, n_steps, n_calls, reference, reference_prior):
    calls = []
    hook = reference_prior.net.register_forward_hook(lambda net, inputs, output: calls.append(int(inputs[1][0])))
    sampled = reference_prior.sample(reference["in.brain"], n_steps, [torch.Generator().manual_seed(7)])
    hook.remove()
    assert len(calls) == n_calls and calls == sorted(calls, reverse=True)
    assert torch.allclose(sampled, reference[f"out.{name}"], atol=2e-4)


def test_times_of_20_steps_are_the_released_ones():
    times = ddim_times(100, 20)
    assert times[:3] == [94, 89, 84] and times[-3:] == [9, 4, -1] and len(times) == 20


def test_attention_is_its_formula_in_a_plain_loop(generator):
    torch.manual_seed(0)
    heads, dim, n, head_dim = 3, 10, 4, 40
    attention = MultiQueryAttention(dim, heads, head_dim, Rotary(32)).requires_grad_(False)
    x, bias = torch.randn(1, n, dim, generator=generator), torch.randn(heads, n, n + 1, generator=generator)
    normed = attention.norm(x)[0]
    keys, values = (normed @ attention.to_kv.weight.T).split(head_dim, -1)

    def turned(row, position):
        row = row.clone()
        for pair in range(16):
            z = torch.complex(row[2 * pair], row[2 * pair + 1]) * np.exp(1j * position * 10000 ** (-pair / 16))
            row[2 * pair], row[2 * pair + 1] = z.real, z.imag
        return row

    rows = []
    for i in range(n):
        query, row = normed[i] @ attention.to_q.weight.T, []
        for h in range(heads):
            q = turned(query[h * head_dim : (h + 1) * head_dim], i)
            all_k = [attention.null_kv[0], *(turned(keys[j], j) for j in range(n))]
            cosines = torch.stack([F.cosine_similarity(q, k, 0) for k in all_k])
            row.append((16 * cosines + bias[h, i]).softmax(0) @ torch.stack([attention.null_kv[1], *values]))
        rows.append(torch.cat(row))
    assert torch.allclose(attention(x, bias)[0], attention.to_out(torch.stack(rows)), atol=1e-5)


def test_relative_bias_has_t5_buckets_and_starts_at_the_null_key():
    distance = torch.tensor([-500, -1, 0, 1, 15, 16, 18, 19, 31, 64, 127, 128, 5000])
    assert buckets(distance).tolist() == [0, 0, 0, 1, 15, 16, 16, 17, 21, 26, 31, 31, 31]
    bias = RelativeBias(2)
    table, values = bias.relative_attention_bias.weight, bias(7)
    assert values.shape == (2, 7, 8)
    assert torch.equal(values[:, 5, 0], table[5]) and torch.equal(values[:, 5, 6], table[0])


def test_final_norm_divides_by_the_maximum_even_when_that_turns_signs():
    norm, row = GainNorm(3, by_maximum=True), torch.tensor([[-1.0, -2.0, -3.0]])
    assert torch.allclose(norm(row), F.layer_norm(torch.tensor([[1.0, 2.0, 3.0]]), (3,)), atol=1e-4)


def test_prior_samples_are_reproducible_and_average_over_draws(generator):
    prior, brain = built(PRIOR), torch.randn(2, 5, 8, generator=generator)
    draws = [prior.sample(b, 6, [torch.Generator().manual_seed(s)]) for b, s in ((brain, 1), (brain, 1), (brain, 2))]
    assert draws[0].shape == (2, 5, 8) and torch.equal(draws[0], draws[1])
    assert not torch.allclose(draws[0], draws[2], atol=1e-2)
    mean = prior.sample(brain, 6, [torch.Generator().manual_seed(1)], n_samples=3)
    single = prior.sample(brain.repeat(3, 1, 1), 6, [torch.Generator().manual_seed(1)])
    assert torch.allclose(mean, (single[:2] + single[2:4] + single[4:]) / 3, atol=1e-6)
    assert not torch.allclose(prior.sample(brain.flip(0), 6, [torch.Generator().manual_seed(1)]), draws[0], atol=1e-2)


@pytest.mark.parametrize("n_steps", [1, 31])
def test_impossible_steps_are_refused(n_steps):
    with pytest.raises(ValueError, match=f"got {n_steps} prior steps, expected 2 to 30"):
        built(PRIOR).sample(torch.zeros(1, 5, 8), n_steps, [torch.Generator()])


def test_half_precision_files_leave_the_tables_exact(reference_prior):
    state = {k: v.half() for k, v in reference_prior.state_dict().items()}
    again = reference_prior.config.build()
    again.load_state_dict({k: v.float() for k, v in state.items()})
    assert torch.equal(again.noise_scheduler.alphas_cumprod, reference_prior.noise_scheduler.alphas_cumprod)
    assert state["noise_scheduler.alphas_cumprod"][-1].float() != again.noise_scheduler.alphas_cumprod[-1]
    state["noise_scheduler.betas"] = state["noise_scheduler.betas"].flip(0)
    with pytest.raises(RuntimeError, match="noise_scheduler.betas: got other numbers"):
        again.load_state_dict(state)


# --- import ----------------------------------------------------------------------------------------------------------


def semantic_file(config=SEMANTIC) -> dict[str, torch.Tensor]:
    prior = {f"diffusion_prior.{k}": v for k, v in built(PRIOR).state_dict().items()}
    return {**built(config, N_VOXELS).state_dict(), **prior}


def container(state: dict[str, torch.Tensor]) -> dict:
    """As training scripts save it, with all that a state dict does not need."""
    layer = nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(layer.parameters())
    layer(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-3, total_steps=10)
    return {
        "epoch": 3,
        "model_state_dict": state,
        "optimizer_state_dict": optimizer.state_dict(),
        "lr_scheduler": scheduler.state_dict(),
        "train_losses": [np.float64(0.5), 0.25],
        "lrs": [1e-4],
    }


def test_import_gives_folders_that_compute_the_same(tmp_path, generator):
    torch.save(container(semantic_file()), tmp_path / "last.pth")
    report = import_checkpoint(tmp_path / "last.pth", 2, tmp_path / "zoo")
    home = tmp_path / "zoo" / "subject2"
    assert report.written == [home / "semantic", home / "prior"] and not report.unexpected
    assert str(report) == f"wrote {home / 'semantic'}\nwrote {home / 'prior'}"
    semantic, prior = weights.load(home / "semantic"), weights.load(home / "prior")
    assert (semantic.config, prior.config) == (SEMANTIC, PRIOR)
    tokens = semantic(torch.randn(2, N_VOXELS, generator=generator.manual_seed(4)))
    expected = built(SEMANTIC, N_VOXELS)(torch.randn(2, N_VOXELS, generator=generator.manual_seed(4)))
    assert torch.allclose(tokens, expected, atol=1e-5)
    sampled, same = (p.sample(tokens, 6, [generator.manual_seed(5)]) for p in (prior, built(PRIOR)))
    assert torch.allclose(sampled, same, atol=1e-5)


@pytest.mark.parametrize("how", ["ddp", "bare", "state_dict", "safetensors", "old zip"])
def test_import_takes_what_training_scripts_write(how, tmp_path, generator):
    state, file = built(PERCEPTION, N_VOXELS).state_dict(), tmp_path / "last.ckpt"
    if how == "safetensors":
        file = tmp_path / "last.safetensors"
        save_file(state, file)
    else:
        prefixed = {f"module.{k}": v for k, v in state.items()}
        stored = {"ddp": {"model_state_dict": prefixed}, "state_dict": {"state_dict": state}}.get(how, state)
        torch.save(stored, file, _use_new_zipfile_serialization=how != "old zip")
    report = import_checkpoint(file, 1, tmp_path)
    assert report.written == [tmp_path / "subject1" / "perception"] and not report.unexpected
    model, voxels = weights.load(report.written[0]), torch.randn(2, N_VOXELS, generator=generator)
    assert model.config == PERCEPTION
    assert torch.allclose(model(voxels), built(PERCEPTION, N_VOXELS)(voxels), atol=1e-5)


def test_import_of_mindeye_keeps_its_blurry_branch(tmp_path, generator):
    torch.save({"model_state_dict": semantic_file(MINDEYE)}, tmp_path / "last.pth")
    report = import_checkpoint(tmp_path / "last.pth", 1, tmp_path / "right", condition="backbone")
    model, voxels = weights.load(report.written[0]), torch.randn(2, N_VOXELS, generator=generator)
    expected = built(MINDEYE, N_VOXELS)
    assert model.config == MINDEYE
    kept = "kept, not used by reconstruct, MindEye2's blurry image, 98 keys: backbone.blin1.weight and 97 more"
    assert report.notes == [kept]
    assert torch.allclose(model.blurry_latents(voxels), expected.blurry_latents(voxels), atol=1e-4)
    assert torch.allclose(model(voxels), expected._tokens(voxels), atol=1e-5)
    assert "needs condition backbone" in str(import_checkpoint(tmp_path / "last.pth", 1, tmp_path / "wrong"))


def test_import_picks_one_subject_of_several(tmp_path):
    state, other = semantic_file(), nn.Linear(N_VOXELS + 2, 12)
    state |= {"ridge.linears.1.weight": other.weight.detach(), "ridge.linears.1.bias": other.bias.detach()}
    torch.save(state, tmp_path / "last.pth")
    report = import_checkpoint(tmp_path / "last.pth", 5, tmp_path, ridge_index=1)
    assert report.unexpected == ["ridge.linears.0.weight", "ridge.linears.0.bias"]
    semantic = weights.load(tmp_path / "subject5" / "semantic")
    assert semantic.n_voxels == N_VOXELS + 2 and torch.allclose(semantic.voxel_weights, other.weight, atol=1e-3)
    with pytest.raises(ValueError, match="got ridge index 7, expected one of 0, 1"):
        import_checkpoint(tmp_path / "last.pth", 5, tmp_path, ridge_index=7)


def test_import_of_a_first_stage_has_no_prior(tmp_path):
    state = {k: v for k, v in semantic_file().items() if not k.startswith("diffusion_prior.")}
    torch.save(state | {"motion_proj.weight": torch.ones(2), "text_dec.bias": torch.ones(2)}, tmp_path / "last.pth")
    report = import_checkpoint(tmp_path / "last.pth", 1, tmp_path)
    assert [folder.name for folder in report.written] == ["semantic"]
    assert "not used, 2 keys: motion_proj.weight, text_dec.bias" in str(report)


@pytest.mark.parametrize(
    "lost",
    [
        "ridge.linears.0.weight",
        "backbone.clip_proj.0.weight",
        "backbone.mixer_blocks1.1.0.bias",
        "diffusion_prior.noise_scheduler.betas",
        "diffusion_prior.net.causal_transformer.layers.0.0.to_kv.weight",
    ],
)
def test_import_lists_missing_keys_and_writes_nothing(lost, tmp_path):
    state = semantic_file()
    del state[lost]
    torch.save(state | {"extra": torch.ones(1)}, tmp_path / "last.pth")
    with pytest.raises(ValueError) as raised:
        import_checkpoint(tmp_path / "last.pth", 1, tmp_path / "zoo")
    assert f"missing, 1 key: {lost}; not used, 1 key: extra" in str(raised.value)
    assert not (tmp_path / "zoo").exists()


def test_import_counts_many_missing_keys(tmp_path):
    state = {k: v for k, v in built(PERCEPTION, N_VOXELS).state_dict().items() if "temp_attentions" not in k}
    torch.save(state, tmp_path / "last.pth")
    with pytest.raises(ValueError, match="missing, 70 keys: backbone.bupsampler.* and 64 more$"):
        import_checkpoint(tmp_path / "last.pth", 1, tmp_path)


def test_import_lists_misshaped_keys_with_both_shapes(tmp_path):
    state = semantic_file()
    state["backbone.clip_proj.2.weight"] = torch.ones(8, 9)
    state["diffusion_prior.net.null_brain_embeds"] = torch.ones(4, 8)
    torch.save(state, tmp_path / "last.pth")
    with pytest.raises(ValueError) as raised:
        import_checkpoint(tmp_path / "last.pth", 1, tmp_path)
    assert "mis-shaped, 2 keys: backbone.clip_proj.2.weight: got (8, 9), expected (8, 8), " in str(raised.value)
    assert "diffusion_prior.net.null_brain_embeds: got (4, 8), expected (5, 8)" in str(raised.value)


def test_import_refuses_another_schedule(tmp_path):
    state = semantic_file()
    state["diffusion_prior.noise_scheduler.betas"] = torch.linspace(1e-4, 2e-2, 30)
    torch.save(state, tmp_path / "last.pth")
    with pytest.raises(ValueError, match="prior: .*noise_scheduler.betas: got other numbers"):
        import_checkpoint(tmp_path / "last.pth", 1, tmp_path)


class Attack:
    def __init__(self, mark: Path):
        self.mark = mark

    def __reduce__(self):
        return (Path.touch, (self.mark,))


def test_import_never_runs_pickled_code(tmp_path):
    mark = tmp_path / "ran"
    torch.save({"model_state_dict": semantic_file(), "lr_scheduler": Attack(mark)}, tmp_path / "last.pth")
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(Attack(mark), protocol=2))
    for name in ("last.pth", "plain.pth"):
        with pytest.raises(ValueError, match="got (getattr|a pickle).* state dict alone") as raised:
            import_checkpoint(tmp_path / name, 1, tmp_path / "zoo")
        assert "\n" not in str(raised.value)
    assert not mark.exists() and not (tmp_path / "zoo").exists()
    pickle.loads((tmp_path / "plain.pth").read_bytes())
    assert mark.exists()  # the file was a danger


def test_import_says_what_is_not_a_checkpoint(tmp_path):
    with pytest.raises(FileNotFoundError, match="no file .*gone.pth"):
        import_checkpoint(tmp_path / "gone.pth", 1, tmp_path)
    for nothing in ({"epoch": 3}, [1.0], {"state_dict": 5}):
        torch.save(nothing, tmp_path / "empty.pth")
        with pytest.raises(ValueError, match="expected a state dict of tensors"):
            import_checkpoint(tmp_path / "empty.pth", 1, tmp_path)
    torch.save({"unet.weight": torch.ones(1)}, tmp_path / "other.pth")
    with pytest.raises(ValueError, match="got keys under unet, expected fmri"):
        import_checkpoint(tmp_path / "other.pth", 1, tmp_path)

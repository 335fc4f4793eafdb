"""The keyframe model of the paper at small sizes: conditions, noise and colours, by formulas of their own."""

import math
from functools import partial

import pytest
import torch

from neuroclips.errors import InputError
from neuroclips.noise import seeded
from neuroclips.placement import Placement
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.pretrained.schedule import SOLVERS
from neuroclips.pretrained.sdxl_unclip import SdxlUnclip, paled, size_embedding, stretched
from neuroclips.pretrained.unclip_checkpoint import convert
from neuroclips.progress import Clock
from neuroclips.types import Step
from neuroclips.zoo import zoo_named
from tests.pretrained import sgm

TOKENS = torch.randn(2, 6, 16, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module", autouse=True)
def in_float32():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("neuroclips.pretrained.precision.has_bfloat16", lambda kind="cpu": False)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("zoo")
    torch.save(sgm.lightning(sgm.sgm_state(*sgm.small_unclip())), path / "unclip.ckpt")
    return convert(path / "unclip.ckpt", path / "unclip6", torch.float32, sgm.UNET, sgm.VAE)


@pytest.fixture(scope="module")
def model(folder):
    return SdxlUnclip.from_pretrained(folder, LatentCodec.from_pretrained(folder, subfolder="vae"))


def draw(model, tokens=TOKENS, frames=None, *, steps=3, scale=5.0, seeds=(0, 1), **more):
    generators = [seeded(seed) for seed in seeds]
    given = {"start": 1.0, "num_inference_steps": steps, "guidance_scale": scale, "generators": generators}
    return model(tokens, frames, **given, **more)


def test_it_is_told_its_size_by_sines(model):
    labels = size_embedding(768, 256)
    assert labels.shape == (1024,)
    waves = [768 / 10000 ** (i / 128) for i in range(128)]
    side = [*map(math.cos, waves), *map(math.sin, waves)]
    assert torch.allclose(labels, torch.tensor(2 * side + 2 * (128 * [1.0] + 128 * [0.0])), atol=1e-4)
    assert torch.equal(model._labels(3), size_embedding(model.pixels, 8).expand(3, -1)) and model.pixels == 64


def test_colours_are_those_of_the_released_code():
    x = torch.linspace(-1, 1, 101)  # of the decoder
    pixels = (x + 1) / 2
    assert torch.allclose(stretched(pixels), (0.8 * x + 0.2).clamp(0, 1), atol=1e-6)
    assert torch.allclose(stretched(paled(pixels)), pixels, atol=1e-6)
    assert paled(pixels).min() == 0.375


@torch.no_grad()
def test_it_samples_as_the_released_code_does(model):
    """Two steps of Euler in sigma, guidance 5 away from noise, from z + sigma (noise + 0.04 offset)."""
    generator = seeded(7)
    shape, tokens = (1, 4, 8, 8), TOKENS[:1]
    noise, offset = torch.randn(shape[1:], generator=generator), torch.randn((), generator=generator)
    z, nothing = torch.randn(shape[1:], generator=generator), torch.randn(tokens.shape[1:], generator=generator)
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    alphas = (1 - betas).cumprod(0)
    sigmas = ((1 - alphas) / alphas).sqrt().float()
    x = (z + sigmas[999] * (noise + 0.04 * offset))[None]
    labels = size_embedding(64, 8)[None].expand(2, -1)
    for t, sigma, after in ((999, sigmas[999], sigmas[499]), (499, sigmas[499], torch.tensor(0.0))):
        halves = torch.cat([x, x]) / (sigma**2 + 1).sqrt()
        said, unsaid = model.unet(halves, t, torch.cat([tokens, nothing[None]]), class_labels=labels).sample.chunk(2)
        clean = x - sigma * (unsaid + 5 * (said - unsaid))
        x = x + (x - clean) / sigma * (after - sigma)
    decoded = model.codec.vae.decode(x / 0.13025).sample
    assert torch.allclose(draw(model, tokens, steps=2, seeds=(7,)), (0.8 * decoded + 0.2).clamp(0, 1), atol=2e-3)


def test_the_start_has_the_noise_of_the_schedule(model):
    scheduler = SOLVERS["euler"].from_config(model.scheduler.config)
    scheduler.set_timesteps(38)
    starts = model._start(scheduler, scheduler.timesteps[0], None, [seeded(i) for i in range(400)])
    assert abs(starts.std() - (14.615**2 + 1 + (0.04 * 14.615) ** 2) ** 0.5) < 0.1
    means = starts.mean((1, 2, 3)) / 14.615  # of 256 values each, and of the offset
    assert abs(means.std() - (1 / 256 + 0.04**2) ** 0.5) < 0.008


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_runs_from_noise_and_from_a_frame(model, solver):
    frames = torch.rand(2, 3, 96, 96, generator=seeded(3))
    free, begun = draw(model, solver=solver), draw(model, frames=frames, solver=solver)
    for keyframes in (free, begun):
        assert keyframes.shape == (2, 3, 64, 64) and keyframes.isfinite().all()
        assert 0 <= keyframes.min() < keyframes.max() <= 1
    assert not torch.allclose(free, begun, atol=1e-3)


def test_a_sample_is_what_it_is_whatever_its_neighbours(model):
    both, other = draw(model), draw(model, seeds=(0, 2))
    assert torch.allclose(both[1:], draw(model, TOKENS[1:], seeds=(1,)), atol=1e-3)
    assert torch.allclose(both[0], other[0], atol=1e-3) and not torch.allclose(both[1], other[1], atol=1e-2)


def test_guidance_one_has_no_unconditional_half(model):
    seen = []
    hook = model.unet.register_forward_pre_hook(lambda module, given: seen.append(len(given[0])))
    draw(model, scale=1.0, steps=1)
    draw(model, steps=1)
    hook.remove()
    assert seen == [2, 4]


def test_other_tokens_are_refused(model):
    with pytest.raises(InputError, match="got image tokens 15 wide, expected 16"):
        draw(model, TOKENS[..., 1:])


def test_previews_have_the_colours_of_the_keyframe(model):
    looks = []
    made = draw(model, on_step=lambda share, look: looks.append(look()))
    assert len(looks) == 3 and torch.allclose(looks[-1], made[0], atol=1e-3)


def test_half_precision_reaches_the_unet_alone(folder):
    """The decoder of SDXL goes beyond what float16 can hold, so that its weights, as the zoo loads it, are float32."""
    placement, paper = Placement(torch.device("cuda"), torch.float16), zoo_named("paper")
    dtypes = [placement.dtype_of(paper.part(role)) for role in ("keyframe codec", "keyframes")]
    assert dtypes == [torch.float32, torch.float16]
    codec = LatentCodec.from_pretrained(folder, subfolder="vae", dtype=dtypes[0])
    half = SdxlUnclip.from_pretrained(folder, codec, dtype=dtypes[1])
    assert (half.dtype, codec.dtype) == (torch.float16, torch.float32) and draw(half, steps=2).isfinite().all()


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_an_overflow_is_no_black_picture(folder, value):
    """What half precision cannot hold is infinite; clamped it would be white or black."""
    codec = LatentCodec.from_pretrained(folder, subfolder="vae")
    codec.vae.decoder.conv_out.bias.fill_(value)
    clock = Clock(None, 2)
    with pytest.raises(InputError, match=r"^keyframe: got values that are not numbers") as raised:  # noqa: SIM117
        with clock.step(Step.KEYFRAME) as step:
            step.results = draw(SdxlUnclip.from_pretrained(folder, codec), steps=1)
    assert "\n" not in str(raised.value)
    with pytest.raises(InputError, match="^keyframe"), Clock(print, 2, True).step(Step.KEYFRAME) as step:
        step.report(0.5, partial(codec.decode, torch.zeros(4, 8, 8)))

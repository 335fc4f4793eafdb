"""LTX-Video, tiny and untrained: from the hub's folders through diffusers' own pipeline, under all three guidances."""

import sys

import pytest
import torch
from diffusers import (
    AutoencoderKLLTXVideo,
    FlowMatchEulerDiscreteScheduler,
    LTXConditionPipeline,
    LTXVideoTransformer3DModel,
)
from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition, linear_quadratic_schedule

from neuroclips.errors import InputError, MissingError
from neuroclips.noise import seeded
from neuroclips.placement import Placement
from neuroclips.pretrained import ltx
from neuroclips.pretrained.ltx import LtxVideo, ltx_vae
from neuroclips.pretrained.ltx_text import LtxText
from neuroclips.sizes import ltx as layout
from neuroclips.sizes import size_of
from tests import tiny_ltx

PIXELS, STEPS, START = 64, 8, 0.375
GUIDANCES = {"gamma": "", "alpha+gamma": "a", "beta+gamma": "b", "all": "ab"}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("ltx")
    tiny_ltx.save_ltx(home)
    return home


@pytest.fixture(scope="module")
def video(home):
    return LtxVideo.from_pretrained(home, ltx_vae(home), LtxText.from_pretrained(home))


@pytest.fixture(scope="module")
def given():
    """Keyframes, blurry videos and last frames of three samples."""
    draw = torch.Generator().manual_seed(0)
    shapes = ((3, 3, 40, 40), (3, 6, 3, 48, 48), (3, 3, 40, 40))
    return [torch.rand(shape, generator=draw) for shape in shapes]


def made(video, given, guidance="ab", rows=slice(0, 1), **more):
    keyframes, blurry, _ = (x[rows] for x in given)
    words = ["a dog runs", "a cat sits on a red car", "a plane"][rows]
    about = {"n_video_frames": 16, "theta": 0.3, "start": START, "num_inference_steps": STEPS, "guidance_scale": 1.0}
    about |= {"pixels": PIXELS, "solver": "ddim", "generators": [seeded(i) for i in range(3)[rows]]}
    guides = (keyframes if "b" in guidance else None, blurry if "a" in guidance else None)
    return video(words, *guides, **about | more)


def test_every_guidance_makes_another_film_and_the_same_seed_the_same(video, given):
    films = {name: made(video, given, letters) for name, letters in GUIDANCES.items()}
    for name, film in films.items():
        assert film.shape == (1, 16, 3, PIXELS, PIXELS) and film.dtype == torch.float32
        assert film.isfinite().all() and 0 <= film.min() < film.max() <= 1
        assert torch.equal(film, made(video, given, GUIDANCES[name]))
        assert all((film - other).abs().max() > 1e-3 for key, other in films.items() if key != name)
    assert not torch.equal(films["all"], made(video, given, generators=[seeded(5)]))
    assert not torch.equal(films["gamma"], made(video, given, "", rows=slice(1, 2), generators=[seeded(0)]))


@pytest.mark.parametrize("guidance", GUIDANCES)
def test_a_batch_is_its_samples(video, given, guidance):
    """Three films of latents two wide: diffusers spreads the noise level of a batch over the width."""
    together = made(video, given, GUIDANCES[guidance], slice(0, 3))
    alone = torch.cat([made(video, given, GUIDANCES[guidance], slice(i, i + 1)) for i in range(3)])
    assert (together - alone).abs().max() < 1e-5


@pytest.mark.parametrize("memory", ["in turn", "layers"])
def test_it_takes_turns_as_other_models_do(home, video, given, memory):
    """With codecs that take one film at a time; T5 is placed by itself, and away while the film is made."""
    placement = Placement(torch.device("cpu"), memory=memory, slices=True, tiles=memory == "layers")
    text = placement.put(LtxText.from_pretrained(home))
    other = placement.put(LtxVideo.from_pretrained(home, ltx_vae(home), text))
    rows, looks = slice(0, 2), []

    def on_step(_, look):
        looks.append(look())
        assert all(weight.isnan().all() for weight in text.parameters() if weight.ndim > 1)

    film = made(other, given, rows=rows, guidance_scale=3.0, on_step=on_step)
    assert (film - made(video, given, rows=rows, guidance_scale=3.0)).abs().max() < 1e-5
    assert len(looks) == 3 and all(look.isfinite().all() for look in looks)


@pytest.mark.parametrize("guidance_scale", [1.0, 3.0])
def test_it_is_the_one_call_of_diffusers(home, video, given, guidance_scale):
    """Words, sizes, noise and latents are handed over as diffusers itself would take them."""
    words, negative = "a dog runs", "a cat"
    pipe = LTXConditionPipeline(
        FlowMatchEulerDiscreteScheduler(), video.vae, video.text.model, video.text.tokenizer, video.transformer
    )
    pipe.set_progress_bar_config(disable=True)
    keyframe, blurry, tail = (x[:1] for x in given)
    theirs = pipe(
        conditions=[
            LTXVideoCondition(image=ltx.fitted(keyframe, PIXELS)),
            LTXVideoCondition(image=ltx.fitted(tail, PIXELS), frame_index=16),
        ],
        prompt=words,
        negative_prompt=negative,
        height=PIXELS,
        width=PIXELS,
        num_frames=17,
        frame_rate=8,
        num_inference_steps=STEPS,
        guidance_scale=guidance_scale,
        generator=[seeded(0)],
        latents=video._latents(blurry, 16, 17, PIXELS),
        denoise_strength=0.4,
        output_type="pt",
        **ltx.DECODING,
    ).frames[:, :16]
    more = {"tails": tail, "guidance_scale": guidance_scale, "negative_prompts": [negative]}
    assert torch.equal(made(video, given, **more), theirs)
    assert not torch.equal(made(video, given, guidance_scale=guidance_scale, negative_prompts=[negative]), theirs)


def test_latents_of_the_blurry_video_are_those_that_the_decoder_reads(video, given):
    """Normalised as the pipeline has them, 8k + 1 frames; the last frame lasts, and none is shifted."""
    latents = video._latents(given[1][:1], 16, 17, PIXELS)
    assert latents.shape == (1, tiny_ltx.CHANNELS, 3, 2, 2)
    frames = ltx.fitted(ltx.interpolate_frames(given[1][:1], 16), PIXELS)
    frames = torch.cat([frames, frames[:, -1:]], 1)
    encoded = video.vae.encode(2 * frames.transpose(1, 2) - 1).latent_dist.mode()
    assert torch.allclose(latents, encoded, atol=1e-6)  # tiny statistics: mean 0, deviation 1
    video.vae.latents_mean += 1
    shifted = video._latents(given[1][:1], 16, 17, PIXELS)
    video.vae.latents_mean -= 1
    assert torch.allclose(shifted, encoded - 1, atol=1e-6)


def test_steps_are_those_of_the_distilled_model_and_previews_follow_them(video, given):
    sigmas = [1, 0.9937, 0.9875, 0.9812, 0.975, 0.9094, 0.725, 0.4219]  # configs/ltxv-2b-0.9.8-distilled.yaml
    assert linear_quadratic_schedule(STEPS).tolist() == pytest.approx(sigmas, abs=1e-4)
    for guidance, n_steps in (("ab", 3), ("b", STEPS)):
        looks = []
        film = made(video, given, guidance, on_step=lambda share, look, seen=looks: seen.append((share, look())))
        assert [share for share, _ in looks] == pytest.approx([(i + 1) / n_steps for i in range(n_steps)])
        assert all(look.shape == (3, PIXELS, PIXELS) for _, look in looks)
        last = (looks[-1][1] - film[0, 8]).abs().mean()  # but for the noise that the decoder adds
        assert last < (looks[0][1] - film[0, 8]).abs().mean() and last < 0.02
        assert torch.equal(film, made(video, given, guidance))  # previews change nothing


@pytest.mark.parametrize(("wanted", "generated"), [(1, 1), (2, 9), (9, 9), (16, 17), (17, 17), (18, 25)])
def test_frames_are_whole_latents(video, given, wanted, generated):
    assert video._n_frames(wanted) == generated
    if wanted < 17:
        assert made(video, given, n_video_frames=wanted).shape[1] == wanted


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"alpha_mode": "paper"}, "got alpha mode paper, expected partial"),
        ({"start": 1.0}, "got start 1 of 8 steps, expected fewer than all"),
        ({"pixels": 48}, "got pixels 48, expected a multiple of 32"),
    ],
)
def test_what_cannot_be_done_is_said(video, given, more, told):
    with pytest.raises(InputError, match=told):
        made(video, given, **more)
    if "pixels" not in more:
        assert made(video, given, "b", **more).shape[1] == 16  # without a blurry video nothing begins there


def test_the_one_file_of_lightricks_is_read_by_the_keys_it_has(tmp_path):
    states = tiny_ltx.save_file_of_lightricks(tmp_path / layout.FILE)
    kinds = (LTXVideoTransformer3DModel, AutoencoderKLLTXVideo)
    for kind, config, state in zip(kinds, (tiny_ltx.TRANSFORMER, tiny_ltx.VAE_OF_FILE), states, strict=True):
        model = ltx.from_file(kind, tmp_path / layout.FILE, config, torch.float32)
        assert model.state_dict().keys() == state.keys()
        assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())


def test_the_layout_is_as_large_as_the_published_file():
    numbers = [size_of(role).parameters for role in ("video/ltx", "ltx codec")]
    assert 2 * sum(numbers) / 1e9 == pytest.approx(6.34, abs=0.005)  # [GB] in bfloat16
    with torch.device("meta"):
        vae = AutoencoderKLLTXVideo(**layout.VAE)
    assert (vae.spatial_compression_ratio, vae.temporal_compression_ratio) == (32, 8)


def test_without_the_library_of_its_vocabulary_one_line_says_what_to_install(home, monkeypatch):
    monkeypatch.setitem(sys.modules, "sentencepiece", None)
    with pytest.raises(MissingError, match=r"no sentencepiece .*: pip install 'neuroclips\[ltx\]'"):
        LtxText.from_pretrained(home)

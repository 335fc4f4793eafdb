"""Frozen models behind their protocols: shapes, range, determinism, solvers, and the start of equation 5."""

from dataclasses import replace

import open_clip
import pytest
import torch
from diffusers import DDIMScheduler, UNetMotionModel

from neuroclips.errors import InputError
from neuroclips.film_size import film_pixels
from neuroclips.noise import seeded
from neuroclips.pretrained import precision
from neuroclips.pretrained.clip import HalvedContrastClip, OpenClip
from neuroclips.pretrained.keyframes import pad_channels, with_grid
from neuroclips.pretrained.schedule import SOLVERS, begun, diffuse_from, get_timesteps
from neuroclips.train.demo_zoo.video import build_adapter, build_control
from neuroclips.train.targets.words import sentences
from neuroclips.types import SMOOTH_PROMPT
from neuroclips.zoo import zoo_named


@pytest.fixture(scope="module")
def frames(data):
    return data.stimulus(40, 6)


def test_codec_keeps_a_frame_recognisable(pipeline, frames):
    latents = pipeline.codec.encode(frames)
    again = pipeline.codec.decode(latents)
    assert latents.shape == (6, 8, film_pixels() // 8, film_pixels() // 8) and again.shape == frames.shape
    assert 0 <= again.min() and again.max() <= 1
    assert (again - frames).square().mean() < 0.3 * (frames - frames.mean((0, 2, 3), keepdim=True)).square().mean()
    assert 0.5 < latents.std() < 2  # the scaling factor makes noise of variance 1 comparable


def test_clip_puts_a_sentence_beside_its_picture(data, judges):
    clips = range(0, 60, 3)
    pictures = judges.clip.image_embeddings(torch.stack([data.stimulus(c, 6)[3] for c in clips]))
    words = judges.clip.text_embeddings([data.caption(c) for c in clips])
    similarity = pictures @ words.T
    own, others = similarity.diag().mean(), similarity[~torch.eye(len(similarity), dtype=torch.bool)].mean()
    assert own > others + 0.2


def test_embeddings_are_the_towers_own(judges, frames):
    """Where the tower pools by the mean, that is the projected mean of the tokens; see below where it does not."""
    direct, _ = judges.clip.model.visual(judges.clip._normalise(frames))  # open_clip's own pooling
    direct = torch.nn.functional.normalize(direct, dim=-1)
    assert torch.allclose(judges.clip.image_embeddings(frames), direct, atol=1e-5)
    assert torch.allclose(judges.clip.projected_mean(judges.clip.image_tokens(frames)), direct, atol=1e-4)


@pytest.fixture(scope="module")
def class_token_model():
    """A tiny CLIP that pools by a class token, as ViT-bigG does."""
    torch.manual_seed(0)
    vision = {"image_size": 32, "patch_size": 8, "width": 32, "head_width": 16, "layers": 2, "pool_type": "tok"}
    text = {"context_length": 8, "vocab_size": 16, "width": 32, "heads": 2, "layers": 1}
    model = open_clip.CLIP(24, vision, text).eval()
    model.visual.image_mean, model.visual.image_std = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)
    return model


def test_a_tower_with_a_class_token_embeds_by_it(class_token_model, frames):
    """The mean over its other tokens is another vector, which only the projector P asks for."""
    clip = OpenClip(class_token_model, None)
    own = clip.model.visual(clip._normalise(frames))[0]
    own = torch.nn.functional.normalize(own, dim=-1)  # (6, 24), of the class token
    assert torch.allclose(clip.image_embeddings(frames), own, atol=1e-5)
    assert clip.image_tokens(frames).shape == (6, 16, 32)
    assert (clip.projected_mean(clip.image_tokens(frames)) * own).sum(-1).max() < 0.9


def test_halved_contrast_is_of_tokens_alone(class_token_model, frames):
    plain, halved = OpenClip(class_token_model, None), HalvedContrastClip(class_token_model, None)
    assert torch.equal(halved.image_tokens(frames), plain.image_tokens((frames + 1) / 2))
    assert torch.equal(halved.image_embeddings(frames), plain.image_embeddings(frames))


def test_every_caption_has_a_word_for_everything(judges, pipeline):
    assert SMOOTH_PROMPT in sentences()
    blip2, git = pipeline.captioner("blip2").processor.tokenizer, pipeline.captioner("git").tokenizer
    for tokenizer in (blip2, git, judges.clip.tokenizer.tokenizer):
        assert not any(tokenizer.unk_token_id in tokenizer(line)["input_ids"] for line in sentences())


@pytest.mark.parametrize("name", zoo_named().captioners)
def test_captioners_speak_of_what_they_see(pipeline, judges, data, name):
    clips = [c for c in range(0, 240, 6) if data.caption(c)]
    frames = torch.stack([data.stimulus(c, 6)[3] for c in clips])
    tokens = judges.clip.image_tokens(frames)
    captions = pipeline.captioner(name)(frames, tokens)
    assert captions == pipeline.captioner(name)(frames, tokens)
    assert len(set(captions)) > 10  # not one sentence for everything
    right = sum(data.caption(c).split()[1] in said.split() for c, said in zip(clips, captions, strict=True))
    assert right / len(clips) > 0.8  # the noun; chance is about 1 / 41


def test_git_reads_tokens_and_blip2_pixels(pipeline, judges, data):
    one, other = (data.stimulus(c, 6)[3][None] for c in (6, 20))
    tokens = judges.clip.image_tokens(other)
    blip2, git = pipeline.captioner("blip2"), pipeline.captioner("git")
    assert blip2(one, tokens) == blip2(one, None) != blip2(other, None)
    assert git(one, tokens) == git(None, tokens) != git(None, judges.clip.image_tokens(one))


def test_keyframes_follow_tokens_and_seed(pipeline, judges, data):
    tokens = judges.clip.image_tokens(torch.stack([data.stimulus(c, 6)[3] for c in (6, 20)]))

    def draw(tokens, seed):
        return pipeline.keyframes(
            tokens,
            None,
            start=1.0,
            num_inference_steps=6,
            guidance_scale=2.0,
            generators=[seeded(seed, i) for i in range(len(tokens))],
        )

    first = draw(tokens, 0)
    assert first.shape == (2, 3, film_pixels(), film_pixels()) and 0 <= first.min() and first.max() <= 1
    assert torch.equal(first, draw(tokens, 0)) and not torch.equal(first, draw(tokens, 1))
    again = judges.clip.image_tokens(first).flatten(1)
    own = torch.cdist(again, tokens.flatten(1))
    assert (own.argmin(1) == torch.arange(2)).all()  # each keyframe is nearest to the tokens that it came from


def test_solvers_walk_the_same_path(pipeline, judges, data):
    """Euler's method is DDIM in other variables, and DPM-Solver++ of few steps is nearer to DDIM of many."""
    frames = data.stimulus(6, 6)

    def draw(solver, steps):
        return pipeline.keyframes(
            judges.clip.image_tokens(frames[3:4]),
            frames[:1],
            start=0.65,
            num_inference_steps=steps,
            guidance_scale=2.0,
            generators=[seeded(0)],
            solver=solver,
        )

    reference = draw("ddim", 60)
    errors = {solver: (draw(solver, 10) - reference).abs().mean() for solver in SOLVERS}
    assert (draw("euler", 10) - draw("ddim", 10)).abs().mean() < 0.2 * errors["ddim"]
    assert errors["dpm"] < errors["ddim"]
    with pytest.raises(ValueError, match="got solver 'heun', expected one of: ddim"):
        draw("heun", 2)


def test_bfloat16_gives_the_film_of_float32(pipeline, data, monkeypatch):
    """Forced, so that CPUs without it test it too; what differs is below one of 256 grey values, not zero."""
    films, settings = {}, replace(pipeline.zoo.settings, video_steps=4)
    for name in ("float32", "bfloat16"):
        monkeypatch.setattr(precision, "has_bfloat16", lambda kind: name == "bfloat16")  # noqa: B023 - called at once
        made = pipeline(data.sample(1, 4), settings)
        assert made.precision == name and made.video.dtype == made.keyframe.dtype == torch.float32
        films[name] = made.video
    assert 0 < (films["float32"] - films["bfloat16"]).abs().mean() < 1 / 256


def test_motion_adapter_can_be_removed(pipeline):
    """The image model under the adapter is the keyframe generator, weight by weight; a fresh adapter is none."""
    image, moving = pipeline.keyframes.unet, pipeline.video.unet
    state = moving.state_dict()
    assert all(torch.equal(state[name], weight) for name, weight in image.state_dict().items())
    fresh = UNetMotionModel.from_unet2d(image, build_adapter())
    latents = pad_channels(torch.randn(1, 8, 4, 12, 12, generator=seeded(0)), 8 + 128)
    frames, words = latents[0].transpose(0, 1), torch.zeros(4, 5, 128)  # (4, 8 + 128, 12, 12)
    still = image(frames, 500, words).sample
    assert torch.allclose(fresh(latents, 500, words).sample[0].transpose(0, 1), still, atol=1e-4)
    assert not torch.allclose(moving(latents, 500, words).sample[0].transpose(0, 1), still, atol=1e-2)


def test_a_fresh_sparse_ctrl_starts_from_the_image_model_and_says_nothing(pipeline):
    image = pipeline.keyframes.unet
    control = build_control(image)
    assert torch.equal(
        control.state_dict()["mid_block.resnets.0.conv1.weight"], image.mid_block.resnets[0].conv1.weight
    )
    latents = torch.zeros(1, 8, 4, 12, 12)  # (1, C, n_frames, h, w)
    down, mid = control(
        latents,
        500,
        torch.zeros(4, 5, 128),
        latents + 1,
        conditioning_mask=torch.ones(1, 1, 4, 12, 12),
        return_dict=False,
    )
    assert not any(residual.any() for residual in [*down, mid])


def test_the_grid_of_tokens_lies_over_the_latents(generator):
    latents, tokens = torch.randn(2, 8, 12, 12, generator=generator), torch.randn(2, 16, 5, generator=generator)
    both = with_grid(latents, tokens, 13)
    assert both.shape == (2, 13, 12, 12) and torch.equal(both[:, :8], latents)
    cells = both[:, 8:, 1::3, 1::3]  # the middle of each of 4 x 4 cells
    assert torch.allclose(cells.flatten(2).transpose(1, 2), tokens, atol=1e-6)
    assert not with_grid(latents, None, 13)[:, 8:].any() and with_grid(latents, tokens, 8) is latents


def test_get_timesteps_runs_the_last_share():
    scheduler = DDIMScheduler(timestep_spacing="trailing")
    assert get_timesteps(scheduler, 10, 1.0).tolist() == [999, 899, 799, 699, 599, 499, 399, 299, 199, 99]
    assert get_timesteps(scheduler, 10, 0.3).tolist() == [299, 199, 99]
    with pytest.raises(ValueError, match="got start 0"):
        get_timesteps(scheduler, 10, 0)


def test_diffuse_from_is_equation_5(generator):
    scheduler = DDIMScheduler()
    z, noise = torch.randn(2, 4, generator=generator), torch.randn(2, 4, generator=generator)
    t, theta = torch.tensor(999), 0.3
    ratio = scheduler.alphas_cumprod[999] / scheduler.alphas_cumprod[300]
    expected = ratio.sqrt() * z + (1 - ratio).sqrt() * noise
    assert torch.allclose(diffuse_from(scheduler, z, t, theta, noise), expected, atol=1e-5)
    assert torch.allclose(diffuse_from(scheduler, z, t, 0.0, noise), scheduler.add_noise(z, noise, t[None]), atol=1e-5)
    assert torch.equal(diffuse_from(scheduler, z, torch.tensor(100), theta, noise), z)  # nothing is missing


ANIMATEDIFF = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "linear", "steps_offset": 1}


@pytest.mark.parametrize(
    ("mode", "start", "theta", "first", "n_steps", "amplitude"),
    [
        ("paper", 1.0, 0.3, 961, 25, 0.0580),  # equation 5 with T = 1000
        ("paper", 1.0, 0.0, 961, 25, 0.0397),
        ("released", 1.0, 0.3, 961, 25, 0.0498),
        ("released", 1.0, 0.9, 961, 25, 0.0498),  # whatever theta
        ("partial", 0.32, 0.0, 281, 8, 0.711),  # img2img of strength 0.3
        ("partial", 0.72, 0.0, 681, 18, 0.204),
        ("partial", 0.72, 0.3, 681, 18, 0.298),
    ],
)
def test_the_three_modes_of_equation_5(mode, start, theta, first, n_steps, amplitude, generator):
    """What is left of the blurry latents and where denoising begins, on AnimateDiff's own schedule."""
    scheduler = DDIMScheduler(**ANIMATEDIFF)
    timesteps = get_timesteps(scheduler, 25, start)
    assert timesteps[0] == first and len(timesteps) == n_steps
    z, nothing = torch.randn(2, 4, generator=generator), torch.zeros(2, 4)
    assert torch.allclose(begun(scheduler, z, first, nothing, mode, theta), amplitude * z, atol=6e-4)
    noise = begun(scheduler, nothing, first, z, mode, theta)
    assert torch.allclose(noise, (1 - amplitude**2) ** 0.5 * z, atol=6e-4)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_schedule_without_a_signal_at_its_end_can_only_begin_within(solver, generator):
    scheduler = SOLVERS[solver](rescale_betas_zero_snr=True, timestep_spacing="trailing")
    z, first = torch.randn(2, 4, generator=generator), get_timesteps(scheduler, 25, 1.0)[0]
    for mode in ("paper", "released"):
        with pytest.raises(InputError, match=f"got alpha mode {mode}, expected partial"):
            begun(scheduler, z, first, z, mode, 0.3)
    assert torch.isfinite(begun(scheduler, z, first, z, "partial", 0.3)).all()


def test_negative_prompts_are_words_and_empty_ones_none(pipeline):
    clip = pipeline.part("text encoder")
    said = clip.unconditional(["", "a dog running on a beach"])
    assert not said[0].any() and torch.equal(said[1], clip.text_tokens(["", "a dog running on a beach"])[1])


def test_sparse_ctrl_reaches_one_half_of_guidance_or_both(pipeline):
    frames = torch.rand(2, 3, 16, 16, generator=seeded(0))
    options = {"n_video_frames": 4, "theta": 0.3, "start": 1.0, "num_inference_steps": 2, "guidance_scale": 3.0}

    def film(**more):
        draws = [seeded(0), seeded(1)]
        return pipeline.video(["a dog", "a cat"], frames, None, generators=draws, solver="ddim", **options, **more)

    usual = film()
    assert torch.equal(usual, film(negative_prompts=["", ""])) and torch.equal(
        usual, film(control_halves="conditional")
    )
    assert not torch.allclose(usual, film(control_halves="both"), atol=1e-3)
    assert not torch.allclose(usual, film(negative_prompts=["a plane", "a plane"]), atol=1e-3)

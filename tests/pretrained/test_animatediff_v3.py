"""The video model of the paper zoo, tiny and untrained: its loop is diffusers', its schedule and adapter are v3's."""

import pytest
import torch
from diffusers import AnimateDiffSparseControlNetPipeline, DDIMScheduler, UNetMotionModel
from safetensors.torch import save_file

from neuroclips.errors import InputError
from neuroclips.noise import seeded
from neuroclips.pretrained import precision
from neuroclips.pretrained.animatediff_v3 import LORA_FILE, SCHEDULE, AnimateDiffV3, Lora
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.pretrained.text import ClipText
from neuroclips.pretrained.video import image_unet, motion_adapter, sparse_ctrl
from tests.paper_zoo import FILM, save_lora

FRAMES, PIXELS, STEPS, GUIDANCE = 4, FILM, 5, 8.5


@pytest.fixture(scope="module")
def parts(paper_models):
    home = paper_models / "SG161222" / "Realistic_Vision_V5.1_noVAE"
    control = sparse_ctrl(paper_models / "guoyww" / "animatediff-sparsectrl-rgb")
    for block in control.controlnet_down_blocks:  # which training begins at zero
        torch.nn.init.normal_(block.weight, std=0.3)
    codec = LatentCodec.from_pretrained(paper_models / "stabilityai" / "sd-vae-ft-mse")
    with torch.no_grad():
        codec.vae.quant_conv.weight[4:], codec.vae.quant_conv.bias[4:] = 0, -30  # a sample is then the mode
    adapter = motion_adapter(paper_models / "guoyww" / "animatediff-motion-adapter-v1-5-3")
    return image_unet(home, subfolder="unet"), adapter, control, codec, ClipText.from_pretrained(home)


@pytest.fixture(scope="module")
def lora(paper_models):
    return Lora.from_pretrained(paper_models / "guoyww" / "animatediff-motion-lora-v1-5-3")


@pytest.fixture(scope="module")
def video(parts, lora):
    return AnimateDiffV3.from_pretrained("nowhere", *parts, lora)


@pytest.fixture
def in_float32(monkeypatch):
    monkeypatch.setattr(precision, "has_bfloat16", lambda *_: False)


def test_without_alpha_the_film_is_that_of_diffusers(video, generator, in_float32):
    """Keyframe and words, both halves of guidance, DDIM: from the same noise, our loop gives what theirs gives."""
    pipe = AnimateDiffSparseControlNetPipeline(
        video.codec.vae,
        video.text.model,
        video.text.tokenizer,
        video.unet,
        None,
        video.control,
        DDIMScheduler(**SCHEDULE),
    )
    pipe.set_progress_bar_config(disable=True)
    keyframe = torch.rand(1, 3, PIXELS, PIXELS, generator=generator)
    noise = torch.randn(FRAMES, 4, PIXELS // 8, PIXELS // 8, generator=seeded(7))  # as the first sample draws it
    words, negative = "a dog", "a cat"
    theirs = pipe(
        words,
        num_frames=FRAMES,
        num_inference_steps=STEPS,
        guidance_scale=GUIDANCE,
        negative_prompt=negative,
        latents=noise.transpose(0, 1)[None],
        conditioning_frames=keyframe,
        controlnet_frame_indices=[0],
        output_type="pt",
    ).frames
    ours = made(video, [words], keyframe, [7], negative_prompts=[negative], control_halves="both")
    assert ours.shape == theirs.shape == (1, FRAMES, 3, PIXELS, PIXELS)
    assert (ours - theirs).abs().max() < 2e-4 < ours.std()
    other = made(video, [words], keyframe, [7], negative_prompts=[negative], control_halves="conditional")
    assert (other - theirs).abs().max() > 2e-3


def made(video, words, keyframes, seeds, **more):
    about = {"n_video_frames": FRAMES, "theta": 0.3, "start": 1.0, "num_inference_steps": STEPS}
    about |= {"guidance_scale": GUIDANCE, "solver": "ddim"}
    return video(words, keyframes, None, generators=[seeded(seed) for seed in seeds], **about | more)


def test_the_schedule_is_that_of_animatediff(video):
    video.scheduler.set_timesteps(25)
    alphas, first = video.scheduler.alphas_cumprod, int(video.scheduler.timesteps[0])
    assert first == 961 and alphas[first].sqrt() == pytest.approx(0.0498, abs=1e-4)  # of the released code, measured
    assert alphas[-1].sqrt() == pytest.approx(0.0397, abs=1e-4)
    assert not hasattr(video.unet.mid_block, "motion_modules")  # v3 has none in the middle


def test_the_domain_adapter_is_added_to_the_image_models_attention(parts, lora, video):
    before = UNetMotionModel.from_unet2d(*parts[:2]).state_dict()
    changed = {name for name, value in video.unet.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {f"{name}.weight" for name in lora.names} and len(changed) == 80
    for name, down, up in zip(lora.names, lora.downs, lora.ups, strict=True):
        after = video.unet.get_parameter(f"{name}.weight")
        assert torch.allclose(after, before[f"{name}.weight"] + up @ down, atol=1e-6)


def test_a_domain_adapter_of_another_model_is_refused(parts, lora, tmp_path):
    with torch.random.fork_rng():
        state = save_lora(tmp_path, parts[0])
    unet = UNetMotionModel.from_unet2d(*parts[:2])
    for name, reason in (("mid_block.attn9.to_q", "no such layer"), (lora.names[0], r"shape \(8, 8\)")):
        with pytest.raises(InputError, match=f"got {reason} for .* expected .*7"):
            Lora({name: torch.zeros(3, 7)}, {name: torch.zeros(8, 3)}).fuse(unet)
    for extra, got in (({"unet.conv_in.alpha": torch.ones(1)}, "unet.conv_in.alpha"), ({}, "79 down, 80 up")):
        kept = dict(list(state.items())[0 if extra else 1 :])
        save_file(kept | extra, tmp_path / LORA_FILE)
        with pytest.raises(InputError, match=f"{LORA_FILE}: got {got}, expected pairs"):
            Lora.from_pretrained(tmp_path)


def test_films_have_the_edge_that_is_asked_for(video, generator):
    keyframe = torch.rand(2, 3, 20, 20, generator=generator)
    films = made(video, ["a", "b"], keyframe, [1, 2], pixels=48)
    assert films.shape == (2, FRAMES, 3, 48, 48)
    assert made(video, ["a"], None, [1]).shape[-1] == video.pixels == PIXELS
    with pytest.raises(InputError, match="got pixels 44, expected a multiple of 8"):
        made(video, ["a"], None, [1], pixels=44)

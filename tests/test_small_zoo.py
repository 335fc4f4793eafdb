"""A zoo in the shape of the paper's: latents of 28 x 28, a keyframe codec of its own, a text encoder of its own.

The same classes as the paper zoo's, tiny and untrained, saved to folders and loaded through a table of their own.
"""

import json
from dataclasses import replace

import pytest
import torch
from diffusers import AutoencoderKL, DDIMScheduler, MotionAdapter, SparseControlNetModel, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from neuroclips.pipeline import load_pipeline
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.perception import PerceptionConfig
from neuroclips.reconstructors.prior import PriorConfig
from neuroclips.reconstructors.semantic import SemanticConfig
from neuroclips.types import FmriSample, Settings
from neuroclips.zoo import RECONSTRUCTORS, VIDEO_NEEDS, Part, Zoo, load_part, zoo_named
from tests import tiny_ltx

N_VOXELS, WORDS, TOKENS = 20, 32, 24
BLOCKS = {"block_out_channels": (32, 32), "layers_per_block": 1, "norm_num_groups": 8, "attention_head_dim": 8}


def save_autoencoder(folder, levels):
    blocks = {"down_block_types": ("DownEncoderBlock2D",) * levels, "up_block_types": ("UpDecoderBlock2D",) * levels}
    vae = AutoencoderKL(block_out_channels=(8,) * levels, norm_num_groups=4, latent_channels=4, **blocks)
    vae.save_pretrained(folder)


def save_unet(folder, side, width):
    down, up = ("CrossAttnDownBlock2D", "DownBlock2D"), ("UpBlock2D", "CrossAttnUpBlock2D")
    unet = UNet2DConditionModel(side, down_block_types=down, up_block_types=up, cross_attention_dim=width, **BLOCKS)
    unet.save_pretrained(folder)


def save_text(folder):
    """A word-level vocabulary in the files of CLIP's tokenizer."""
    letters = [chr(c) for c in range(97, 123)]
    known = [*letters, *(f"{c}</w>" for c in letters), "<|startoftext|>", "<|endoftext|>"]
    (folder / "tokenizer").mkdir(parents=True)
    (folder / "tokenizer" / "vocab.json").write_text(json.dumps({word: i for i, word in enumerate(known)}))
    (folder / "tokenizer" / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = CLIPTokenizer(
        str(folder / "tokenizer" / "vocab.json"), str(folder / "tokenizer" / "merges.txt"), model_max_length=77
    )
    tokenizer.save_pretrained(folder / "tokenizer")
    config = CLIPTextConfig(
        vocab_size=len(known), hidden_size=WORDS, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2
    )
    CLIPTextModel(config).save_pretrained(folder / "text_encoder")


def save_video(folder):
    motion = {"motion_num_attention_heads": 2, "motion_max_seq_length": 32}
    adapter = MotionAdapter((32, 32), 1, 1, motion_norm_num_groups=8, use_motion_mid_block=False, **motion)
    adapter.save_pretrained(folder / "motion")
    SparseControlNetModel(
        in_channels=4,
        conditioning_channels=4,
        down_block_types=("CrossAttnDownBlockMotion", "DownBlockMotion"),
        cross_attention_dim=WORDS,
        use_simplified_condition_embedding=True,
        **BLOCKS,
        **motion,
    ).save_pretrained(folder / "control")
    DDIMScheduler().save_pretrained(folder / "scheduler")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    home = tmp_path_factory.mktemp("small")
    torch.manual_seed(0)
    save_autoencoder(home / "codec", 4)
    save_autoencoder(home / "keyframe-codec", 2)
    save_unet(home / "keyframes" / "unet", 12, TOKENS)
    DDIMScheduler().save_pretrained(home / "keyframes" / "scheduler")
    save_unet(home / "image", 4, WORDS)
    save_text(home)
    save_video(home / "video")
    tiny_ltx.save_ltx(home / "ltx")
    semantic = SemanticConfig(9, TOKENS, ridge_dim=8, hidden_dim=8, n_blocks=1)
    perception = PerceptionConfig(ridge_dim=8, hidden_dim=8, n_blocks=1, extension_dim=4, channels=(16, 8, 8))
    for role, network in (("semantic", semantic), ("perception", perception)):
        weights.save(network.build(N_VOXELS), home / "subject1" / role, n_voxels=N_VOXELS)
    weights.save(PriorConfig(9, TOKENS, depth=1, heads=2).build(), home / "subject1" / "prior")
    return zoo_of(str(home))


def zoo_of(home):
    return Zoo(
        "small",
        (
            Part("codec", "autoencoder", home, "codec"),
            Part("keyframe codec", "autoencoder", home, "keyframe-codec"),
            Part("keyframes", "unclip", home, "keyframes", needs=("keyframe codec",)),
            replace(zoo_named().part("captioner/blip2")),
            Part("text encoder", "clip text", home),
            Part("image model", "unet", home, "image"),
            Part("motion adapter", "motion adapter", home, "video/motion"),
            Part("sparse ctrl", "sparse ctrl", home, "video/control"),
            Part("video", "animatediff", home, "video", needs=VIDEO_NEEDS),
            Part("ltx text encoder", "ltx text encoder", home, "ltx"),
            Part("ltx codec", "ltx vae", home, "ltx"),
            Part("video/ltx", "ltx", home, "ltx", needs=("ltx codec", "ltx text encoder")),
            *(Part(role, "reconstructor", home, f"subject{{subject}}/{role}") for role in RECONSTRUCTORS),
        ),
        Settings(video_steps=3, video_start=1.0, keyframe_steps=2, prior_samples=1, keyframe_draws=1),
    )


def test_sizes_that_differ_are_one_pipeline(small):
    """Blurry videos of 224 pixels, keyframes of 24, films of 32; every part of the shape that the paper's has."""
    samples = [FmriSample(torch.randn(N_VOXELS, generator=torch.Generator().manual_seed(c)), 1, c) for c in (0, 1)]
    first, second = load_pipeline(small)(samples)
    assert first.blurry_video.shape == (6, 3, 224, 224) and first.keyframe.shape == (3, 24, 24)
    assert first.video.shape == (16, 3, 32, 32) and not torch.equal(first.video, second.video)
    assert all(x.device.type == "cpu" for x in (first.video, first.keyframe, first.blurry_video))


def test_another_video_model_is_asked_for_by_name(small):
    """LTX-Video, under its own settings: more pixels, frames of which one is left out."""
    sample = FmriSample(torch.randn(N_VOXELS, generator=torch.Generator().manual_seed(0)), 1, 0)
    settings = replace(small.settings_for("ltx"), pixels=64)
    assert (settings.video_steps, settings.video_start, settings.keyframe_steps) == (8, 0.375, 2)
    made = load_pipeline(small)(sample, settings)
    assert made.video.shape == (16, 3, 64, 64) and made.precision == "float32" and made.settings.theta == 0.3
    assert torch.equal(load_pipeline(small)(sample, settings).video, made.video)
    assert not torch.equal(load_pipeline(small)(sample, replace(settings, prompt="a plane")).video, made.video)


def test_the_video_model_reads_words_by_its_own_text_encoder(small):
    video, text = load_part(small, "video"), load_part(small, "text encoder")
    states = text.text_tokens(["a dog", "a much longer sentence"])
    assert states.shape == (2, 77, WORDS) and video.text is text
    assert torch.equal(states[:1], text.text_tokens(["a dog"]))  # padded alike, whatever stands beside it


def test_weights_of_the_table_come_in_the_dtype_that_is_asked_for(small):
    assert load_part(small, "video", "cpu", torch.bfloat16).unet.dtype == torch.bfloat16
    assert load_part(small, "codec", "cpu", torch.float16).dtype == torch.float16
    assert load_part(small, "semantic", "cpu", torch.bfloat16, subject=1).ridge.weight.dtype == torch.bfloat16

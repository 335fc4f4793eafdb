"""The frozen models of the paper zoo at the sizes of the released ones, by role. Configs are those beside the weights.

What a library's class has by default is left out where that default is the released size.
"""

from __future__ import annotations

from neuroclips.sizes import ltx, unclip
from neuroclips.sizes.size import Size

CONVERTER = "bigG_to_L_epoch8.pth"  # the token converter, of the hub's data set pscotti/mindeyev2
FOUR_LEVELS = (320, 640, 1280, 1280)
VAE = {
    "block_out_channels": (128, 256, 512, 512),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "layers_per_block": 2,
    "latent_channels": 4,
    "sample_size": 512,
}
CLIP_B = {"layers": 12, "width": 768, "patch_size": 32}
WORDS_B = {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12}

IMAGES = {
    "clip": Size(
        "open_clip:CLIP",
        {
            "embed_dim": 1280,
            "vision_cfg": {
                "image_size": 224,
                "layers": 48,
                "width": 1664,
                "head_width": 104,
                "mlp_ratio": 4.9231,
                "patch_size": 14,
            },
            "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 1280, "heads": 20, "layers": 32},
        },
        2_539_567_105,
        2539.57,
        2,
        "open_clip, docs/model_profile.csv",
    ),
    "codec": Size(
        "diffusers:AutoencoderKL",
        VAE | {"scaling_factor": 0.18215},
        83_653_863,
        84,
        0,
        "MindEye2's sd_image_var_autoenc.pth, the same network: 335 MB in float32",
    ),
    "video codec": Size(
        "diffusers:AutoencoderKL",
        VAE | {"scaling_factor": 0.18215},
        83_653_863,
        84,
        0,
        "the network of Stable Diffusion; stabilityai/sd-vae-ft-mse: 335 MB in float32",
    ),
    "keyframe codec": Size(
        "diffusers:AutoencoderKL",
        unclip.VAE,
        83_653_863,
        84,
        0,
        "that of Stable Diffusion, by config.json",
    ),
    "keyframes": Size(
        "diffusers:UNet2DConditionModel",
        unclip.UNET,
        2_501_272_324,
        2500,
        -2,
        f"size of {unclip.FILE} less its other parts",
    ),
}

WORDS = {
    "captioner/blip2": Size(
        "transformers:Blip2ForConditionalGeneration",
        {
            "text_config": {
                "model_type": "opt",
                "hidden_size": 2560,
                "ffn_dim": 10240,
                "num_hidden_layers": 32,
                "num_attention_heads": 32,
                "word_embed_proj_dim": 2560,
                "vocab_size": 50272,
                "eos_token_id": 50118,
            },
            "image_token_index": 50265,
        },
        3_744_679_936,
        3745,
        0,
        "model card: 3.74 B; the token of an image is the one that its processor adds",
    ),
    "captioner/git": Size(
        "transformers:GitForCausalLM",
        {
            "vision_config": {
                "hidden_size": 1024,
                "intermediate_size": 4096,
                "num_hidden_layers": 24,
                "num_attention_heads": 16,
                "patch_size": 14,
            },
        },
        394_196_026,
        394,
        0,
        "model card",
    ),
    "token converter": Size(
        "neuroclips.pretrained.captioner:TokenConverter",
        {"n_tokens": 256, "n_converted": 257, "clip_dim": 1664, "converted_dim": 1024},
        1_771_009,
        1.77,
        2,
        f"size of MindEye2's {CONVERTER}, 7.09 MB in float32",
    ),
    "text encoder": Size(
        "transformers:CLIPTextModel",
        {
            "hidden_size": 768,
            "intermediate_size": 3072,
            "num_hidden_layers": 12,
            "num_attention_heads": 12,
            "vocab_size": 49408,
            "projection_dim": 768,
        },
        123_060_480,
        123,
        0,
        "CompVis, Stable Diffusion v1: a 123 M text encoder",
    ),
    "ltx text encoder": Size(
        "transformers:T5EncoderModel",
        {
            "vocab_size": 32128,
            "d_model": 4096,
            "d_kv": 64,
            "d_ff": 10240,
            "num_layers": 24,
            "num_heads": 64,
            "feed_forward_proj": "gated-gelu",
            "tie_word_embeddings": False,
        },
        4_762_310_656,
        4762,
        0,
        "google/t5-v1_1-xxl, its encoder",
    ),
}

VIDEOS = {
    "image model": Size(
        "diffusers:UNet2DConditionModel",
        {
            "sample_size": 64,
            "block_out_channels": FOUR_LEVELS,
            "layers_per_block": 2,
            "cross_attention_dim": 768,
            "attention_head_dim": 8,
        },
        859_520_964,
        860,
        0,
        "CompVis, Stable Diffusion v1: an 860 M UNet",
    ),
    "motion adapter": Size(
        "diffusers:MotionAdapter",
        {"block_out_channels": FOUR_LEVELS, "motion_max_seq_length": 32, "use_motion_mid_block": False},
        417_137_600,
        417,
        0,
        "size of v3_sd15_mm.ckpt in float32, less its tables of positions",
    ),
    "sparse ctrl": Size(
        "diffusers:SparseControlNetModel",
        {
            "conditioning_channels": 4,
            "block_out_channels": FOUR_LEVELS,
            "cross_attention_dim": 768,
            "motion_max_seq_length": 32,
            "motion_num_attention_heads": 8,
            "concat_conditioning_mask": True,
            "use_simplified_condition_embedding": True,
        },
        496_730_880,
        497,
        0,
        "size of v3_sd15_sparsectrl_rgb.ckpt in float32",
    ),
    "video/ltx": Size(
        "diffusers:LTXVideoTransformer3DModel",
        ltx.TRANSFORMER,
        1_923_385_472,
        1.9e3,
        -2,
        "diffusers, scripts/convert_ltx_to_diffusers.py: its class as it is by default; 2B by name",
    ),
    "ltx codec": Size(
        "diffusers:AutoencoderKLLTXVideo",
        ltx.VAE,
        1_246_913_522,
        1250,
        -1,
        "size of ltxv-2b-0.9.8-distilled.safetensors, 6.34 GB in bfloat16, less its transformer",
    ),
}

JUDGES = {
    "frame judge": Size(
        "transformers:ViTForImageClassification",
        {"num_labels": 1000},
        86_567_656,
        86.6,
        1,
        "model card of google/vit-base-patch16-224",
    ),
    "video judge": Size(
        "transformers:VideoMAEForVideoClassification",
        {"num_labels": 400, "num_frames": 16, "use_mean_pooling": True},
        86_534_800,
        86.5,
        1,
        "model card of MCG-NJU/videomae-base-finetuned-kinetics",
    ),
    "clip judge": Size(
        "open_clip:CLIP",
        {
            "embed_dim": 512,
            "vision_cfg": {"image_size": 224, **CLIP_B},
            "text_cfg": WORDS_B,
            "quick_gelu": True,
        },
        151_277_313,
        151.28,
        2,
        "open_clip, docs/model_profile.csv",
    ),
    "clip judge/vit-l-14": Size(
        "open_clip:CLIP",
        {
            "embed_dim": 768,
            "vision_cfg": {"image_size": 224, "layers": 24, "width": 1024, "patch_size": 14},
            "text_cfg": WORDS_B | {"width": 768, "heads": 12},
            "quick_gelu": True,
        },
        427_616_513,
        427.62,
        2,
        "open_clip, docs/model_profile.csv",
    ),
}

FROZEN: dict[str, Size] = IMAGES | WORDS | VIDEOS | JUDGES

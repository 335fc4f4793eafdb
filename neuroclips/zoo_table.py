"""What each zoo is made of: the one table where zoos differ. The page reads it before any model library is loaded.

Revisions are commits on the hub. Where none is given, the commit that is fetched first is recorded, and kept to from
then on (neuroclips/lock.py).
"""

from __future__ import annotations

from pathlib import Path

from neuroclips.errors import InputError
from neuroclips.parts import OWN, Part, Zoo
from neuroclips.paths import CHECKPOINTS
from neuroclips.sizes.frozen import CONVERTER
from neuroclips.sizes.ltx import FILE as LTX_FILE
from neuroclips.sizes.unclip import FILE as UNCLIP
from neuroclips.types import Settings
from neuroclips.video_models import LTX

# kind of a model -> its class, imported when the first of its kind is loaded. A new kind of model is a row here.
KINDS = {
    "open_clip": "neuroclips.pretrained.clip:OpenClip",
    "open_clip halved": "neuroclips.pretrained.clip:HalvedContrastClip",
    "clip text": "neuroclips.pretrained.text:ClipText",
    "autoencoder": "neuroclips.pretrained.codec:LatentCodec",
    "unet": "neuroclips.pretrained.video:image_unet",
    "motion adapter": "neuroclips.pretrained.video:motion_adapter",
    "sparse ctrl": "neuroclips.pretrained.video:sparse_ctrl",
    "animatediff": "neuroclips.pretrained.video:AnimateDiffSparseCtrl",
    "animatediff v3": "neuroclips.pretrained.animatediff_v3:AnimateDiffV3",
    "lora": "neuroclips.pretrained.animatediff_v3:Lora",
    "ltx text encoder": "neuroclips.pretrained.ltx_text:LtxText",
    "ltx vae": "neuroclips.pretrained.ltx:ltx_vae",
    "ltx": "neuroclips.pretrained.ltx:LtxVideo",
    "unclip": "neuroclips.pretrained.keyframes:UnclipKeyframes",
    "sdxl unclip": "neuroclips.pretrained.sdxl_unclip:SdxlUnclip",
    "blip2": "neuroclips.pretrained.captioner:Blip2Captioner",
    "git": "neuroclips.pretrained.captioner:GitCaptioner",
    "git converted": "neuroclips.pretrained.captioner:ConvertedGitCaptioner",
    "token converter": "neuroclips.pretrained.captioner:TokenConverter",
    "vit": "neuroclips.pretrained.judges:FrameJudge",
    "videomae": "neuroclips.pretrained.judges:VideoJudge",
    "reconstructor": "neuroclips.reconstructors.weights:load",
}


def _trained(home: Path) -> tuple[Part, ...]:
    """What is trained here for either zoo: reconstructors of subjects, the text projector, the fusion classifier."""
    of_subject = (Part(role, "reconstructor", str(home), f"subject{{subject}}/{role}") for role in RECONSTRUCTORS)
    return (*of_subject, *(Part(role, "reconstructor", str(home), role) for role in OWN))


# of the paper, appendix A, word for word
SUFFIX = ",8k uhd, dslr, soft lighting, high quality, film grain, Fujifilm XT3"
NEGATIVE = (
    "semi-realistic, cgi, 3d, render, sketch, cartoon, drawing, anime, text, close up, cropped, out of frame, "
    "worst quality, low quality, jpeg artifacts, ugly, duplicate, morbid, mutilated, extra fingers, "
    "mutated hands, poorly drawn hands, poorly drawn face, mutation, deformed, blurry, dehydrated, bad anatomy, "
    "bad proportions, extra limbs, cloned face, disfigured, gross proportions, malformed limbs, missing arms, "
    "missing legs, extra arms, extra legs, fused fingers, too many fingers, long neck"
)
RECONSTRUCTORS = ("perception", "semantic", "prior")
VIDEO_NEEDS = ("image model", "motion adapter", "sparse ctrl", "codec", "text encoder")
V3_NEEDS = ("image model", "motion adapter", "sparse ctrl", "video codec", "text encoder", "domain lora")
DEMO, PAPER = str(CHECKPOINTS / "demo"), CHECKPOINTS / "paper"

BIGG = Part(
    "clip",
    "open_clip halved",
    "hf-hub:laion/CLIP-ViT-bigG-14-laion2B-39B-b160k",
    revision="bc7788f151930d91b58474715fdce5524ad9a189",
    size=10.2,
    licence="MIT",
)
SD = "stable-diffusion-v1-5/stable-diffusion-v1-5"
REALISTIC = "SG161222/Realistic_Vision_V5.1_noVAE"
SD_AT, REALISTIC_AT = "451f4fe16113bff5a5d2269ed5ad43b0592e9a14", "1e9f017a7b1eaefb63a1900ea6c5953d2739fd21"
RAIL = "CreativeML Open RAIL-M"
VAE_FILE = "diffusion_pytorch_model.safetensors"
MINDEYE2, UNCLIP_SIZE = "pscotti/mindeyev2", 17.98
SDXL_RAIL = "CreativeML Open RAIL++-M"
LTX_HUB, LTXV = "Lightricks/LTX-Video", "LTXV Open Weights"

ZOOS: dict[str, Zoo] = {
    "demo": Zoo(
        "demo",
        (
            Part("clip", "open_clip", DEMO, "clip"),
            Part("codec", "autoencoder", DEMO, "codec"),
            Part("keyframes", "unclip", DEMO, "keyframes", needs=("codec",)),
            Part("captioner/blip2", "blip2", DEMO, "captioner"),
            Part("captioner/git", "git", DEMO, "git"),
            Part("text encoder", "open_clip", DEMO, "clip"),
            Part("image model", "unet", DEMO, "keyframes/unet"),
            Part("motion adapter", "motion adapter", DEMO, "video/motion"),
            Part("sparse ctrl", "sparse ctrl", DEMO, "video/control"),
            Part("video", "animatediff", DEMO, "video", needs=VIDEO_NEEDS),
            Part("frame judge", "vit", DEMO, "frame_judge"),
            Part("frame judge/own shots", "vit", DEMO, "frame_judge_own"),
            Part("video judge", "videomae", DEMO, "video_judge"),
            Part("clip judge", "open_clip", DEMO, "clip"),
            *_trained(CHECKPOINTS / "demo"),
        ),
        alpha_modes=("partial",),
    ),
    "paper": Zoo(
        "paper",
        (
            BIGG,
            Part("codec", "autoencoder", SD, "vae", SD_AT, 0.33, RAIL),
            Part(
                "keyframe codec",
                "autoencoder",
                MINDEYE2,
                "unclip6/vae",
                size=UNCLIP_SIZE,
                licence=SDXL_RAIL,
                checkpoint=UNCLIP,
                in_dataset=True,
                overflows=True,
            ),
            Part(
                "keyframes",
                "sdxl unclip",
                MINDEYE2,
                "unclip6",
                size=UNCLIP_SIZE,
                licence=SDXL_RAIL,
                needs=("keyframe codec",),
                sha256=((UNCLIP, "6bd7033d"),),
                checkpoint=UNCLIP,
                in_dataset=True,
            ),
            Part(
                "captioner/blip2",
                "blip2",
                "Salesforce/blip2-opt-2.7b",
                revision="51572668da0eb669e01a189dc22abe6088589a24",
                size=15.0,
                licence="MIT",
            ),
            Part(
                "token converter",
                "token converter",
                MINDEYE2,
                size=0.01,
                licence="MIT",
                sha256=((CONVERTER, "2f540faf"),),
                in_dataset=True,
            ),
            Part(
                "captioner/git",
                "git converted",
                "microsoft/git-large-coco",
                size=1.6,
                licence="MIT",
                needs=("token converter",),
            ),
            Part("text encoder", "clip text", REALISTIC, None, REALISTIC_AT, 0.5, RAIL),
            Part("image model", "unet", REALISTIC, "unet", REALISTIC_AT, 3.4, RAIL),
            Part(
                "motion adapter",
                "motion adapter",
                "guoyww/animatediff-motion-adapter-v1-5-3",
                revision="2e8139b1d1269fd8a21deb96ad19455e187692eb",
                size=1.7,
            ),
            Part(
                "sparse ctrl",
                "sparse ctrl",
                "guoyww/animatediff-sparsectrl-rgb",
                revision="b8003d681d813c095e459b9141122894daff2d13",
                size=2.0,
            ),
            Part("domain lora", "lora", "guoyww/animatediff-motion-lora-v1-5-3", size=0.1),
            Part(
                "video codec",
                "autoencoder",
                "stabilityai/sd-vae-ft-mse",
                revision="31f26fdeee1355a5c34592e401dd41e45d25a493",
                size=0.33,
                licence="MIT",
                sha256=((VAE_FILE, "a1d993488569e928462932c8c38a0760b874d166399b14414135bd9c42df5815"),),
            ),
            Part("video", "animatediff v3", SD, None, SD_AT, licence=RAIL, needs=V3_NEEDS),
            Part("ltx text encoder", "ltx text encoder", LTX_HUB, size=19.05, licence=LTXV, overflows=True),
            Part("ltx codec", "ltx vae", LTX_HUB, size=6.34, licence=LTXV, files=(LTX_FILE,), overflows=True),
            Part(
                f"video/{LTX}",
                "ltx",
                LTX_HUB,
                size=6.34,
                licence=LTXV,
                needs=("ltx codec", "ltx text encoder"),
                files=(LTX_FILE,),
                overflows=True,
            ),
            Part(
                "frame judge",
                "vit",
                "google/vit-base-patch16-224",
                revision="3f49326eb077187dfe1c2a2bb15fbd74e6ab91e3",
                size=0.35,
            ),
            Part(
                "video judge",
                "videomae",
                "MCG-NJU/videomae-base-finetuned-kinetics",
                revision="488eb9a0565f257b32866000305c8178965eb9f6",
                size=0.35,
                licence="CC BY-NC 4.0",
            ),
            Part(
                "clip judge",
                "open_clip",
                "hf-hub:timm/vit_base_patch32_clip_224.openai",
                revision="a6f597a30f7b82c51704746581f9a4e41421e878",
                size=0.6,
                licence="MIT",
                sha256=(
                    (
                        "open_clip_model.safetensors",
                        "e6d1bd7789aa45192b3bf90570a789b478bae1b74ebcce7eddd908e83a2b7c31",
                    ),
                ),
            ),
            *_trained(PAPER),
        ),
        Settings(
            prior_samples=1,
            keyframe_draws=1,
            keyframe_steps=38,
            keyframe_guidance=5.0,
            video_steps=25,
            video_start=1.0,
            video_guidance=8.5,
            video_solver="ddim",
            alpha_mode="paper",
            keyframe_solver="euler",
            prompt_suffix=SUFFIX,
            negative_prompt=NEGATIVE,
            control_halves="both",
            pixels=256,
        ),
        is_large=True,
    ),
}


DEFAULT = "demo"  # runs offline on two CPU cores


def zoo_named(name: str = DEFAULT) -> Zoo:
    """A zoo of the table. Raises InputError with the known names."""
    if name not in ZOOS:
        raise InputError(f"got zoo {name!r}, expected one of: {', '.join(ZOOS)}")
    return ZOOS[name]

"""What each zoo is made of, and with which numbers it runs: the one table where zoos differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from neuroclips.paths import CHECKPOINTS

SMOOTH_PROMPT = "a smooth video"  # the prompt without a keyframe (paper, section 6)


@dataclass(frozen=True)
class InferenceConfig:
    """Numbers of one reconstruction. Steps are those of the whole schedule, of which the last `start` share is run.

    theta is the paper's; prior_steps is that of its code; prior_samples and keyframe_start were chosen on validation
    films (16 and 17 of the 18 training films, counted from 0), and so was video_start (with the models of
    0.9); video_guidance is the least of 1.5, 1.75 and 2 at which words and keyframe win against the blurry video of
    another clip in four of five pairs of held-out web films; the others are first guesses that nothing tuned.
    """

    n_video_frames: int = 16
    fps: int = 8  # [Hz]
    prior_steps: int = 20
    prior_samples: int = 8
    keyframe_steps: int = 14
    keyframe_start: float = 0.65  # from the first blurry frame
    keyframe_guidance: float = 2.0
    keyframe_solver: str = "euler"
    video_steps: int = 12
    video_start: float = 0.5  # from the blurry video of equation 5
    video_guidance: float = 2.0
    video_solver: str = "dpm"
    theta: float = 0.3  # paper, section 4.2


@dataclass(frozen=True)
class ZooConfig:
    """Folder of a zoo (one subfolder per role, subject{S}/ for the reconstructors) and its inference numbers."""

    name: str
    folder: Path
    inference: InferenceConfig = field(default_factory=InferenceConfig)


ZOOS: dict[str, ZooConfig] = {"demo": ZooConfig("demo", CHECKPOINTS / "demo")}


@dataclass(frozen=True)
class Encoders:
    """The frozen encoders whose outputs the reconstructors learn to decode: folders, or names on the hub.

    halve_contrast : show CLIP pixels of [0.5, 1] instead of [0, 1], as the released training code does through a
    second (x + 1) / 2; the unCLIP weights of the paper were trained on such tokens.
    """

    clip: str
    codec: str
    codec_subfolder: str | None = None
    halve_contrast: bool = False


ENCODERS: dict[str, Encoders] = {
    "demo": Encoders(str(CHECKPOINTS / "demo" / "clip"), str(CHECKPOINTS / "demo" / "codec")),
    "paper": Encoders(
        "hf-hub:laion/CLIP-ViT-bigG-14-laion2B-39B-b160k",
        "stable-diffusion-v1-5/stable-diffusion-v1-5",
        "vae",
        halve_contrast=True,
    ),
}

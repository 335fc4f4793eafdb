"""What goes in and what comes out: one fMRI sample, one reconstruction. Pixels are in [0, 1], channel first."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from torch import Tensor


@dataclass(frozen=True)
class FmriSample:
    """BOLD of one TR, z-scored per run, shifted by the hemodynamic delay and averaged over repeats."""

    voxels: Tensor  # (n_voxels,)
    subject: int
    clip: int


@dataclass(frozen=True)
class Guidance:
    """Which guidances reach the video model (paper, section 6)."""

    alpha: bool = True  # the blurry video
    beta: bool = True  # the keyframe; without it there is no caption either
    gamma: bool = True  # the caption of the keyframe


STEPS = ("blurry video", "brain tokens", "image tokens", "keyframe", "caption", "video")


@dataclass(frozen=True)
class Stage:
    """Progress: `fraction` of step `name` (one of STEPS) is done; `result` comes with fraction 1."""

    name: str
    fraction: float
    seconds: float = 0.0
    result: object = None


@dataclass(frozen=True)
class Reconstruction:
    """Everything that one sample gave, in the order of the route."""

    blurry_video: Tensor  # (n_frames, 3, H, W) at 3 fps
    keyframe: Tensor | None  # (3, H, W), None without beta
    caption: str
    video: Tensor  # (n_video_frames, 3, H, W) at 8 fps
    image_tokens: Tensor | None  # (n_tokens, clip_dim), None without beta
    guidance: Guidance  # what was really used
    seed: int
    zoo: str
    seconds: dict[str, float] = field(default_factory=dict)  # per step [s]
    settings: dict[str, object] = field(default_factory=dict)  # captioner, steps and solver of the video, precision


@dataclass(frozen=True)
class Request:
    """What to reconstruct, and how."""

    subject: int
    clip: int
    guidance: Guidance = Guidance()
    seed: int = 0
    video_steps: int | None = None  # None: those of the zoo
    video_solver: str | None = None
    captioner: str = "blip2"
    zoo: str = "demo"
    dataset: str = "simulated"
    source: Path | None = None  # folder or file of the dataset
    reconstructors: Path | None = None  # folder with subjectS/{perception,semantic,prior} of your own
    vertex_index: Path | None = None  # .npy beside a visitor's file
    mask: Path | None = None  # NIfTI beside a visitor's file


@dataclass(frozen=True)
class Result:
    """A reconstruction beside the truth, which met it only after it was done."""

    reconstruction: Reconstruction
    truth: Tensor | None  # (n_video_frames, 3, H, W), None where the dataset has no films
    summary: dict  # what reconstruction.json says
    fps: int  # [Hz], of truth and video

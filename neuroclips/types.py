"""What goes in and what comes out: an fMRI sample, settings, a reconstruction. Pixels are in [0, 1], channel first.

Nothing heavy is imported here, so that the page and the command line can speak of a request before any model is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from neuroclips.ranges import Checked, Number, Range, Seed, Share

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class FmriSample:
    """BOLD of one TR, z-scored per run, shifted by the hemodynamic delay and averaged over repeats."""

    voxels: Tensor  # (n_voxels,)
    subject: int
    clip: int


SMOOTH_PROMPT = "a smooth video"  # the prompt without a keyframe (paper, section 6)
Edit = Callable[[FmriSample], FmriSample]  # changes what the brain says; known by its __name__
Solver = Literal["ddim", "dpm", "euler"]
AlphaMode = Literal["partial", "paper", "released"]  # where equation 5 begins: pretrained/schedule.py
Steps = Annotated[int, Range(1, 1000)]  # the noise schedules that models were trained on have 1000 of them
Scale = Annotated[float, Range(0, 100)]  # of classifier-free guidance


@dataclass(frozen=True)
class Guidance(Checked):
    """Which guidances reach the video model (paper, section 6)."""

    alpha: bool = True  # the blurry video
    beta: bool = True  # the keyframe; without it there is no caption either
    gamma: bool = True  # the caption of the keyframe

    @property
    def used(self) -> Guidance:
        """What is really used, unless words are given: without a keyframe there is no caption of it."""
        return Guidance(self.alpha, self.beta, self.beta and self.gamma)


# by what each changes about the settings
TABLE_2: dict[str, dict[str, object]] = {  # the rows of the paper's table 2
    "full": {},
    "no-keyframe": {"guidance.beta": False},
    "no-blurry": {"guidance.alpha": False},
    "git": {"captioner": "git"},
}
PRESETS = TABLE_2 | {"released": {"alpha_mode": "released", "keyframe_from": "noise"}}  # what the paper's code does


@dataclass(frozen=True)
class Settings(Checked):
    """Everything that can be chosen about one reconstruction. Every zoo has settings of its own; these are the demo's.

    Steps are those of the whole schedule, of which the last `start` share is run: video_start 1 runs them all. theta is
    the paper's, prior_steps that of its code; the eight samples of the prior and the numbers of the keyframe were
    chosen on validation films (16 and 17 of the 18 training films, counted from 0), those of the video on them and on
    pairs of held-out web films: words and keyframe of one should win against the layout of the other's blurry video,
    and yet both should last (docs/log/0.13.md).

    edits : functions that change the sample before it is decoded, in this order; a `lesions.Lesion` of a Request is
    bound to the voxels of its subject.
    """

    guidance: Guidance = Guidance()
    seed: Seed = 0  # with the number of the clip, it decides all randomness
    captioner: str = "blip2"
    prompt: str | None = None  # words in the place of the caption
    prompt_suffix: str = ""  # behind all words that the video model reads
    negative_prompt: str = ""  # of the unconditional half of classifier-free guidance
    video_model: str = "animatediff"
    n_video_frames: Annotated[int, Range(1, 1000)] = (
        16  # of a clip of 2 s; the motion modules of the demo zoo know 32 at most
    )
    fps: Annotated[int, Range(1, 240)] = (
        8  # [Hz], at which the film is written: n_video_frames / 2 plays it as long as it took
    )
    pixels: Annotated[int, Range(32, 4096)] | None = None  # edge of the film; None: what the video model was made for
    prior_steps: Steps = 20
    prior_samples: Annotated[int, Range(1, 1000)] = 2  # whose mean is what a keyframe is drawn from
    keyframe_draws: Annotated[int, Range(1, 100)] = 4  # of which the one is kept that is most like what was decoded
    keyframe_near: Annotated[float, Range(-1, 1)] = 1.0  # likeness at which the first is kept and no other drawn
    keyframe_steps: Steps = 6
    keyframe_from: Literal["blurry", "noise"] = "blurry"  # the first blurry frame, or pure noise as in the paper's code
    keyframe_start: Share = 0.8  # from the first blurry frame; "strength" elsewhere
    keep_keyframe: bool = False  # without alpha: the keyframe begins from the first blurry frame even so
    keyframe_guidance: Scale = 2.5
    keyframe_solver: Solver = "dpm"
    video_steps: Steps = 3
    video_start: Share = 0.67  # from the blurry video of equation 5
    video_guidance: Scale = 1.0
    video_solver: Solver = "dpm"
    alpha_mode: AlphaMode = "partial"
    theta: Annotated[float, Range(0, below=1)] = 0.3  # paper, section 4.2
    control_halves: Literal["conditional", "both"] = "conditional"  # of guidance, which of them SparseCtrl reaches
    edits: tuple[Edit, ...] = ()

    @property
    def blurry_starts_keyframe(self) -> bool:
        """Whether a keyframe begins from the first blurry frame, or from pure noise."""
        return self.keyframe_from == "blurry" and (self.guidance.alpha or self.keep_keyframe)

    @property
    def words(self) -> str:
        """What stands in the place of a caption."""
        return SMOOTH_PROMPT if self.prompt is None or not self.guidance.gamma else self.prompt

    @property
    def captioned(self) -> bool:
        """Whether the words are a caption of the keyframe."""
        return self.guidance.used.gamma and self.prompt is None

    @property
    def used(self) -> Settings:
        """What is really used: a model that the blurry video does not start runs its whole schedule, from pure noise.

        Without alpha that is the video model and, unless the keyframe is kept, the keyframe model. Only in the mode
        "partial" of equation 5 is less than the whole schedule of the video model run.
        """
        guidance = self.guidance if self.prompt is not None else self.guidance.used
        kept = guidance.beta and not guidance.alpha and self.keep_keyframe
        said = self.prompt if guidance.gamma else None
        used = replace(self, guidance=guidance, keep_keyframe=kept, prompt=said)
        keyframe = self.keyframe_start if used.blurry_starts_keyframe else 1.0
        video = self.video_start if guidance.alpha and self.alpha_mode == "partial" else 1.0
        return replace(used, keyframe_start=keyframe, video_start=video)

    def record(self) -> dict:
        """All of it as JSON; edits are named."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        names = [getattr(edit, "__name__", repr(edit)) for edit in self.edits]
        return values | {"guidance": asdict(self.guidance), "edits": names}


class Step(StrEnum):
    """The steps of a reconstruction that take time, in the order of the route."""

    BLURRY_VIDEO = "blurry video"
    BRAIN_TOKENS = "brain tokens"
    IMAGE_TOKENS = "image tokens"
    KEYFRAME = "keyframe"
    CAPTION = "caption"
    VIDEO = "video"


@dataclass(frozen=True)
class Stage:
    """Progress: `fraction` of a step is done; what it gave, one for each sample of the batch, comes with fraction 1.

    preview : (3, H, W) in [0, 1], what a model that denoises would give now of the first sample, the first draw of its
    keyframe or the middle frame of its film; None where nobody asked for previews.
    """

    step: Step
    fraction: float
    seconds: float = 0.0
    results: list[Any] | None = None
    recalled: bool = False  # whether they were made before, for the same sample and settings
    preview: Tensor | None = None


@dataclass(frozen=True)
class Reconstruction:
    """Everything that one sample gave, in the order of the route; tensors are on the CPU."""

    blurry_video: Tensor  # (n_frames, 3, H, W) at 3 fps
    keyframe: Tensor | None  # (3, H, W), None without beta
    caption: str
    video: Tensor  # (n_video_frames, 3, H, W)
    image_tokens: Tensor | None  # (n_tokens, clip_dim), the mean of all draws, None without beta
    settings: Settings  # as they were used
    zoo: str
    precision: str  # what the diffusion models computed in
    seconds: dict[Step, float] = field(default_factory=dict)  # of each step, this sample's share of the batch
    reconstructors: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by role: "from", "sha256"
    likeness: tuple[float, ...] = ()  # of the keyframes that were drawn to the decoded tokens; the greatest was kept


@dataclass(frozen=True)
class Request(Checked):
    """What to reconstruct, and how."""

    subject: Number
    clip: Number
    settings: Settings | None = None  # None: those of the zoo
    zoo: str = "demo"
    dataset: str = "simulated"
    source: Path | None = None  # folder or file of the dataset
    reconstructors: Path | None = None  # folder with subjectS/{perception,semantic,prior} of your own
    vertex_index: Path | None = None  # .npy beside a visitor's file
    mask: Path | None = None  # NIfTI beside a visitor's file
    device: str | None = None  # such as "cuda:1"; None: the best there is
    dtype: str | None = None  # of weights: float32, bfloat16 or float16; None: the zoo's on that device
    memory: str | None = None  # "whole", "in turn" or "layers"; None: the fastest that fits what is free
    speed: str | None = None  # "graphs" or "compiled" of pretrained/graphs.py, on a GPU; None: without


@dataclass(frozen=True)
class Result:
    """A reconstruction beside the truth, which met it only after it was done."""

    reconstruction: Reconstruction
    truth: Tensor | None  # (n_video_frames, 3, H, W), None where the dataset has no films
    summary: dict  # what reconstruction.json says
    fps: int  # [Hz], of truth and video

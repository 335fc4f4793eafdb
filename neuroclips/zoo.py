"""What each zoo is made of: the one table where zoos differ, and the only loader of its models.

The page reads the table before any model library is loaded: what loads models imports torch when it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuroclips.errors import InputError, MissingError
from neuroclips.hub import fetching
from neuroclips.once import loaded_once
from neuroclips.paths import CHECKPOINTS
from neuroclips.reading import naming
from neuroclips.types import Settings

if TYPE_CHECKING:
    import torch

    from neuroclips.metrics.report import Judges

# kind of a model -> its class, imported when the first of its kind is loaded. A new kind of model is a row here.
KINDS = {
    "open_clip": "neuroclips.pretrained.clip:OpenClip",
    "open_clip halved": "neuroclips.pretrained.clip:HalvedContrastClip",
    "clip text": "neuroclips.pretrained.text:ClipText",
    "autoencoder": "neuroclips.pretrained.codec:LatentCodec",
    "sdxl autoencoder": "neuroclips.pretrained.codec:SdxlCodec",
    "unet": "neuroclips.pretrained.video:image_unet",
    "motion adapter": "neuroclips.pretrained.video:motion_adapter",
    "sparse ctrl": "neuroclips.pretrained.video:sparse_ctrl",
    "animatediff": "neuroclips.pretrained.video:AnimateDiffSparseCtrl",
    "unclip": "neuroclips.pretrained.keyframes:UnclipKeyframes",
    "sdxl unclip": "neuroclips.pretrained.sdxl_unclip:SdxlUnclip",
    "blip2": "neuroclips.pretrained.captioner:Blip2Captioner",
    "git": "neuroclips.pretrained.captioner:GitCaptioner",
    "vit": "neuroclips.pretrained.judges:FrameJudge",
    "videomae": "neuroclips.pretrained.judges:VideoJudge",
    "reconstructor": "neuroclips.reconstructors.weights:load",
}


@dataclass(frozen=True)
class Part:
    """One model of a zoo.

    source : a folder, or a name on the Hugging Face hub; subfolder and revision are within it. size : [GB] to fetch, 0
    for what is shipped. needs : roles of the parts that the class is given after the source, in this order. A
    "{subject}" in the subfolder is the number of a subject.
    """

    role: str
    kind: str  # of KINDS
    source: str
    subfolder: str | None = None
    revision: str | None = None
    size: float = 0.0
    licence: str = "Apache-2.0"
    needs: tuple[str, ...] = ()

    @property
    def is_local(self) -> bool:
        """Whether its files are on this machine or on the hub."""
        return Path(self.source).is_absolute()

    @property
    def folder(self) -> Path:
        """Where its files are, or would be; of a hub name, where files trained for it go."""
        return Path(self.source) / (self.subfolder or "")

    def of(self, subject: int) -> Part:
        """The part of one subject."""
        return replace(self, subfolder=(self.subfolder or "").format(subject=subject))


@dataclass(frozen=True)
class Zoo:
    """Models by role, and the settings under which they reconstruct."""

    name: str
    parts: tuple[Part, ...]
    settings: Settings = field(default_factory=Settings)
    most_frames: int = 32  # of a clip, that its motion modules know
    alpha_modes: tuple[str, ...] = ("partial", "paper", "released")  # that its noise schedule can begin in

    def part(self, role: str) -> Part:
        """The part of a role. Raises InputError with the roles that there are."""
        found = next((part for part in self.parts if part.role == role), None)
        if found is None:
            raise InputError(
                f"got role {role!r}, expected one of zoo {self.name}: {', '.join(p.role for p in self.parts)}"
            )
        return found

    def expect(self, settings: Settings) -> None:
        """Raises InputError for settings that no model of this zoo can follow, before one is loaded."""
        if settings.captioner not in self.captioners:
            raise InputError(f"got captioner {settings.captioner!r}, expected one of: {', '.join(self.captioners)}")
        if settings.video_model not in self.video_models:
            known = ", ".join(self.video_models)
            raise InputError(f"got video model {settings.video_model!r}, expected one of: {known}")
        if settings.alpha_mode not in self.alpha_modes:
            raise InputError(
                f"got alpha mode {settings.alpha_mode!r}, expected {' or '.join(self.alpha_modes)}: the noise schedule "
                f"of zoo {self.name} keeps no signal at its end"
            )
        if settings.n_video_frames > self.most_frames:
            raise InputError(
                f"got n video frames {settings.n_video_frames}, expected at most {self.most_frames}: the motion "
                f"modules of zoo {self.name} know no more"
            )

    @property
    def captioners(self) -> tuple[str, ...]:
        """Names of captioners: their roles begin with "captioner/"."""
        return tuple(p.role.partition("/")[2] for p in self.parts if p.role.startswith("captioner/"))

    @property
    def video_models(self) -> tuple[str, ...]:
        """Names of video models: AnimateDiff, and those whose roles begin with "video/"."""
        return (ANIMATEDIFF, *(p.role.partition("/")[2] for p in self.parts if p.role.startswith("video/")))

    @staticmethod
    def video_role(name: str) -> str:
        """The role of a video model."""
        return "video" if name == ANIMATEDIFF else f"video/{name}"


def _trained(home: Path) -> tuple[Part, ...]:
    """What is trained here for either zoo: reconstructors of subjects, the text projector, the fusion classifier."""
    of_subject = (Part(role, "reconstructor", str(home), f"subject{{subject}}/{role}") for role in RECONSTRUCTORS)
    return (*of_subject, *(Part(role, "reconstructor", str(home), role) for role in ("projector", "fusion")))


ANIMATEDIFF = "animatediff"
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
DEMO, PAPER = str(CHECKPOINTS / "demo"), CHECKPOINTS / "paper"
SD, RAIL = "stable-diffusion-v1-5/stable-diffusion-v1-5", "CreativeML Open RAIL-M"
VIDEO_NEEDS = ("image model", "motion adapter", "sparse ctrl", "codec", "text encoder")

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
            Part("video judge", "videomae", DEMO, "video_judge"),
            Part("clip judge", "open_clip", DEMO, "clip"),
            *_trained(CHECKPOINTS / "demo"),
        ),
        alpha_modes=("partial",),
    ),
    "paper": Zoo(
        "paper",
        (
            Part(
                "clip", "open_clip halved", "hf-hub:laion/CLIP-ViT-bigG-14-laion2B-39B-b160k", size=10.2, licence="MIT"
            ),
            Part("codec", "autoencoder", SD, "vae", size=0.33, licence=RAIL),
            Part("keyframe codec", "sdxl autoencoder", "madebyollin/sdxl-vae-fp16-fix", size=0.33, licence="MIT"),
            Part(
                "keyframes",
                "sdxl unclip",
                "pscotti/mindeyev2",
                size=18.0,
                licence="CreativeML Open RAIL++-M",
                needs=("keyframe codec",),
            ),
            Part(
                "captioner/blip2",
                "blip2",
                "Salesforce/blip2-opt-2.7b",
                size=15.0,
                licence="MIT",
                revision="51572668da0eb669e01a189dc22abe6088589a24",
            ),
            Part("captioner/git", "git", "microsoft/git-large-coco", size=1.6, licence="MIT"),
            Part("text encoder", "clip text", SD, size=0.5, licence=RAIL),
            Part("image model", "unet", "SG161222/Realistic_Vision_V5.1_noVAE", "unet", size=3.4, licence=RAIL),
            Part("motion adapter", "motion adapter", "guoyww/animatediff-motion-adapter-v1-5-3", size=1.7),
            Part("sparse ctrl", "sparse ctrl", "guoyww/animatediff-sparsectrl-rgb", size=2.0),
            Part("video", "animatediff", SD, licence=RAIL, needs=VIDEO_NEEDS),
            Part("frame judge", "vit", "google/vit-base-patch16-224", size=0.35),
            Part(
                "video judge", "videomae", "MCG-NJU/videomae-base-finetuned-kinetics", size=0.35, licence="CC BY-NC 4.0"
            ),
            Part("clip judge", "open_clip", "hf-hub:timm/vit_base_patch32_clip_224.openai", size=0.6, licence="MIT"),
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
        ),
    ),
}


DEFAULT = "demo"  # runs offline on two CPU cores


def zoo_named(name: str = DEFAULT) -> Zoo:
    """A zoo of the table. Raises InputError with the known names."""
    if name not in ZOOS:
        raise InputError(f"got zoo {name!r}, expected one of: {', '.join(ZOOS)}")
    return ZOOS[name]


def best_device() -> torch.device:
    """The accelerator where there is one, else the CPU."""
    import torch

    found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    return found or torch.device("cpu")


def load_part(
    zoo: Zoo,
    role: str,
    device: torch.device | str | None = None,
    dtype: torch.dtype | None = None,
    subject: int | None = None,
) -> Any:
    """The frozen model of a role, loaded when it is first asked for.

    device : None is the best there is. dtype : None is float32. Raises InputError for an unknown role, MissingError
    for files that are not there or cannot be fetched.
    """
    import torch

    part = zoo.part(role)
    place, kind = torch.device(device or best_device()), dtype or torch.float32
    return _load(zoo, part if subject is None else part.of(subject), place, kind)


@loaded_once
def _load(zoo: Zoo, part: Part, device: torch.device, dtype: torch.dtype):
    import torch

    from neuroclips.intact import refuse_unfilled

    needs = [load_part(zoo, role, device, dtype) for role in part.needs]
    with torch.random.fork_rng(devices=[]):  # a model is made of random weights first: nobody's draws change by that
        model = _from_folder(part, needs, dtype) if part.is_local else _from_hub(part, needs, dtype)
    refuse_unfilled(part.folder, model)
    return model.to(device).eval().requires_grad_(False)


def _from_folder(part: Part, needs: list, dtype: torch.dtype):
    from neuroclips.intact import refuse_damaged

    if not part.folder.is_dir():
        home = Path(part.source)
        found = sorted(p.name for p in home.glob("*") if p.is_dir()) if home.is_dir() else []
        raise MissingError(
            f"no {part.role} in {part.folder}; in {home.name} there are: {', '.join(found) or 'nothing'}. Stages that "
            "make it: python -m neuroclips train --help"
        )
    refuse_damaged(part.folder)
    with naming(part.folder, f"the files of a {part.role}"):
        return _loader(part.kind)(part.folder, *needs, dtype=dtype)


def _from_hub(part: Part, needs: list, dtype: torch.dtype):
    what = f"the {part.role} {part.source} ({part.size:g} GB, {part.licence})"
    with fetching(what, "use --zoo demo"):
        return _loader(part.kind)(part.source, *needs, dtype=dtype, subfolder=part.subfolder, revision=part.revision)


def _loader(kind: str) -> Callable:
    """What loads a kind: from_pretrained of its class, or a function with the same arguments."""
    module, _, name = KINDS[kind].partition(":")
    found = getattr(import_module(module), name)
    return getattr(found, "from_pretrained", found)


def load_judges(zoo: Zoo) -> Judges:
    """The frozen models that score reconstructions; in the demo zoo they are ours, and scores say so."""
    from neuroclips.metrics.report import Judges

    return Judges(*(load_part(zoo, role) for role in ("frame judge", "video judge", "clip judge")))

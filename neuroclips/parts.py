"""What a zoo is: models by role, each with where its files come from. Nothing heavy is imported here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from neuroclips.errors import InputError
from neuroclips.types import Settings
from neuroclips.video_models import ANIMATEDIFF, abilities

JUDGES = ("frame judge", "video judge", "clip judge")
OWN = ("projector", "fusion")  # trained here for all subjects
FUSING = ("clip", "fusion")  # that tell which neighbours become one film
OPEN_CLIP_HUB = "hf-hub:"  # before a hub name that open_clip reads


@dataclass(frozen=True)
class Part:
    """One model of a zoo.

    source : a folder, or a name OWNER/NAME on the Hugging Face hub; subfolder and revision, the commit, are within it.
    size : [GB] to fetch, 0 for what is shipped or small. needs : roles of the parts that the class
    is given after the source, in this order. A "{subject}" in the subfolder is the number of a subject.

    files : of the repository, where they are others than those of its kind (neuroclips/fetched.py); "a|b" is a or b.
    sha256 : of some of these files what it begins with, as published. checkpoint : the one file that is fetched and
    from which `files` are made. in_dataset : whether the repository is one of data sets. overflows : whether it gives
    values beyond float16, so that it stays in float32 there.
    """

    role: str
    kind: str  # of KINDS
    source: str
    subfolder: str | None = None
    revision: str | None = None
    size: float = 0.0
    licence: str = "Apache-2.0"
    needs: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    sha256: tuple[tuple[str, str], ...] = ()
    checkpoint: str = ""
    in_dataset: bool = False
    overflows: bool = False

    @property
    def is_local(self) -> bool:
        """Whether its files came with the package or were trained here, or are on the hub."""
        return Path(self.source).is_absolute()

    @property
    def repository(self) -> str:
        """OWNER/NAME on the hub."""
        return self.source.removeprefix(OPEN_CLIP_HUB)

    @property
    def folder(self) -> Path:
        """Where its files are, or would be; of a hub name, where files trained for it go."""
        return Path(self.source) / (self.subfolder or "")

    def of(self, subject: int) -> Part:
        """The part of one subject."""
        return replace(self, subfolder=(self.subfolder or "").format(subject=subject))


@dataclass(frozen=True)
class Zoo:
    """Models by role, and the settings under which they reconstruct.

    most_frames : of a clip, that its motion modules know. is_large : whether its models are loaded in half precision on
    an accelerator, and placed by the memory that is free there (neuroclips/placement.py). alpha_modes : that its noise
    schedule can begin in.
    """

    name: str
    parts: tuple[Part, ...]
    settings: Settings = field(default_factory=Settings)
    most_frames: int = 32
    is_large: bool = False
    alpha_modes: tuple[str, ...] = ("partial", "paper", "released")

    def part(self, role: str) -> Part:
        """The part of a role. Raises InputError with the roles that there are."""
        found = next((part for part in self.parts if part.role == role), None)
        if found is None:
            raise InputError(
                f"got role {role!r}, expected one of zoo {self.name}: {', '.join(p.role for p in self.parts)}"
            )
        return found

    def with_own(self, home: Path) -> Zoo:
        """The zoo with the text projector and the fusion classifier of a folder of one's own, where it has them."""
        own = {role for role in OWN if (home / role / "config.json").exists()}
        parts = (replace(p, source=str(home.resolve()), subfolder=p.role) if p.role in own else p for p in self.parts)
        return replace(self, parts=tuple(parts)) if own else self

    def with_needs(self, *roles: str) -> tuple[Part, ...]:
        """The parts of these roles and all that they need, in the order of the zoo."""
        wanted, asked = set[str](), list(roles)
        while asked:
            role = asked.pop()
            if role not in wanted:
                wanted.add(role)
                asked += self.part(role).needs
        return tuple(part for part in self.parts if part.role in wanted)

    def roles(self, settings: Settings | None = None, scored: bool = True, fused: bool = False) -> tuple[str, ...]:
        """The roles that a reconstruction runs, without those that they need; settings None are the zoo's own.

        scored : whether the judges run, too. fused : whether films become long films. Roles that the zoo lacks are left
        out.
        """
        settings = settings or self.settings
        roles = ["codec", self.video_role(settings.video_model)]
        if settings.guidance.beta:
            roles += ["keyframes"] + ["clip"] * (settings.keyframe_draws > 1)
        if settings.used.captioned:
            roles.append(f"captioner/{settings.captioner}")
        roles += [role for role in FUSING if fused and role not in roles]
        known = {part.role for part in self.parts}
        return tuple(role for role in (*roles, *(JUDGES if scored else ())) if role in known)

    def expect(self, settings: Settings) -> None:
        """Raises InputError for settings that no model of this zoo can follow, before one is loaded."""
        if settings.captioner not in self.captioners:
            raise InputError(f"got captioner {settings.captioner!r}, expected one of: {', '.join(self.captioners)}")
        if settings.video_model not in self.video_models:
            known = ", ".join(self.video_models)
            raise InputError(f"got video model {settings.video_model!r}, expected one of: {known}")
        self._expect_video(settings)

    def _expect_video(self, settings: Settings) -> None:
        name, model = settings.video_model, abilities(settings.video_model)
        modes, most = model.alpha_modes or self.alpha_modes, model.most_frames or self.most_frames
        if settings.alpha_mode not in modes:
            raise InputError(
                f"got alpha mode {settings.alpha_mode!r}, expected {' or '.join(modes)}: the noise schedule of "
                f"{name if model.alpha_modes else f'zoo {self.name}'} keeps no signal at its end"
            )
        if settings.n_video_frames > most:
            why = f"{name} was made for" if model.most_frames else f"the motion modules of zoo {self.name} know"
            raise InputError(f"got n video frames {settings.n_video_frames}, expected at most {most}: {why} no more")
        steps = settings.video_steps
        if model.first_of_noise and settings.guidance.alpha and round(steps * settings.video_start) >= steps:
            raise InputError(
                f"got start {settings.video_start:g} of {steps} steps, expected fewer than all of them with alpha: the "
                f"first step of {name} is of pure noise"
            )
        if settings.pixels and settings.pixels % model.grid:
            raise InputError(f"got pixels {settings.pixels}, expected a multiple of {model.grid}, as {name} makes them")

    def settings_for(self, video_model: str) -> Settings:
        """The settings of this zoo as they go with one of its video models."""
        return replace(self.settings, video_model=video_model, **abilities(video_model).settings)

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

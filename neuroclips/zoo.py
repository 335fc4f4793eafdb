"""Load a zoo by name: the pipeline, and the judges that score it."""

from __future__ import annotations

from pathlib import Path

from neuroclips.config import ZOOS, ZooConfig
from neuroclips.errors import InputError, MissingError
from neuroclips.metrics.report import Judges
from neuroclips.once import loaded_once
from neuroclips.pipeline import NeuroClips, SubjectModels
from neuroclips.pretrained.captioner import Blip2Captioner, GitCaptioner
from neuroclips.pretrained.clip import OpenClip
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.pretrained.judges import FrameJudge, VideoJudge
from neuroclips.pretrained.keyframes import UnclipKeyframes
from neuroclips.pretrained.video import AnimateDiffSparseCtrl
from neuroclips.reconstructors import weights

ROLES = ("codec", "clip", "keyframes", "captioner", "git", "video")
CAPTIONERS = {"blip2": ("captioner", Blip2Captioner), "git": ("git", GitCaptioner)}
PARTS = ("perception", "semantic", "prior")


def zoo_config(name: str) -> ZooConfig:
    """The table entry of a zoo. Raises InputError with the known names."""
    if name not in ZOOS:
        raise InputError(f"got zoo {name!r}, expected one of: {', '.join(ZOOS)}")
    return ZOOS[name]


@loaded_once
def load_pipeline(name: str = "demo", folder: Path | None = None, reconstructors: Path | None = None) -> NeuroClips:
    """The pipeline of a zoo, from its own folder or another. Raises MissingError for what is missing.

    `reconstructors` is a folder of your own: what it has of subjectS/{perception,semantic,prior} takes the place of the
    zoo's.
    """
    config = zoo_config(name)
    folder = Path(folder or config.folder)
    _check_roles(folder, ROLES)
    codec, clip = LatentCodec.from_pretrained(folder / "codec"), OpenClip.from_pretrained(folder / "clip")
    return NeuroClips(
        config,
        loaded_once(lambda subject: load_subject(folder, subject, reconstructors)),
        codec,
        UnclipKeyframes.from_pretrained(folder / "keyframes", codec),
        {name: kind.from_pretrained(folder / home) for name, (home, kind) in CAPTIONERS.items()},
        AnimateDiffSparseCtrl.from_pretrained(folder / "video", folder / "keyframes", codec, clip),
    )


def load_subject(folder: Path, subject: int, own: Path | None = None) -> SubjectModels:
    """The three reconstructors of a subject, each from `own` where it is there, else from `folder`."""
    homes = [Path(f) / f"subject{subject}" for f in (own, folder) if f]
    if not homes[0].is_dir():
        known = sorted(p.name.removeprefix("subject") for p in homes[0].parent.glob("subject*"))
        there = ", ".join(known) or "none"
        raise MissingError(f"no reconstructors for subject {subject} in {homes[0].parent}; there are: {there}")
    found = {part: next((h for h in homes if (h / part).is_dir()), homes[0]) for part in PARTS}
    return SubjectModels(**{part: weights.load(home / part) for part, home in found.items()})


@loaded_once
def load_judges(name: str = "demo", folder: Path | None = None) -> Judges:
    """The frozen models that score reconstructions; in the demo zoo they are ours, and scores say so."""
    folder = Path(folder or zoo_config(name).folder)
    _check_roles(folder, ("clip", "frame_judge", "video_judge"))
    return Judges(
        FrameJudge.from_pretrained(folder / "frame_judge"),
        VideoJudge.from_pretrained(folder / "video_judge"),
        OpenClip.from_pretrained(folder / "clip"),
    )


def _check_roles(folder: Path, roles: tuple[str, ...]) -> None:
    missing = [role for role in roles if not (folder / role).is_dir()]
    if missing:
        found = sorted(p.name for p in folder.glob("*") if p.is_dir()) if folder.is_dir() else []
        raise MissingError(
            f"no checkpoint for {', '.join(missing)} in {folder}; found: {', '.join(found) or 'nothing'}. "
            f"Train it with python -m neuroclips train --stage zoo-{missing[0].replace('_', '-')}"
        )

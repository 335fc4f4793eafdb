"""Load a zoo by name: the pipeline, and the judges that score it."""

from __future__ import annotations

from pathlib import Path

from neuroclips.config import ZOOS, ZooConfig
from neuroclips.metrics.report import Judges
from neuroclips.once import loaded_once
from neuroclips.pipeline import NeuroClips, SubjectModels
from neuroclips.pretrained.captioner import Blip2Captioner
from neuroclips.pretrained.clip import OpenClip
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.pretrained.judges import FrameJudge, VideoJudge
from neuroclips.pretrained.keyframes import UnclipKeyframes
from neuroclips.pretrained.video import AnimateDiffSparseCtrl
from neuroclips.reconstructors import weights

ROLES = ("codec", "clip", "keyframes", "captioner", "video")


def zoo_config(name: str) -> ZooConfig:
    """The table entry of a zoo. Raises ValueError with the known names."""
    if name not in ZOOS:
        raise ValueError(f"got zoo {name!r}, expected one of: {', '.join(ZOOS)}")
    return ZOOS[name]


@loaded_once
def load_pipeline(name: str = "demo", folder: Path | None = None) -> NeuroClips:
    """The pipeline of a zoo, from its own folder or another. Raises FileNotFoundError for what is missing."""
    config = zoo_config(name)
    folder = Path(folder or config.folder)
    _check_roles(folder, ROLES)
    codec, clip = LatentCodec.from_pretrained(folder / "codec"), OpenClip.from_pretrained(folder / "clip")
    return NeuroClips(
        config,
        loaded_once(lambda subject: load_subject(folder, subject)),
        codec,
        UnclipKeyframes.from_pretrained(folder / "keyframes", codec),
        Blip2Captioner.from_pretrained(folder / "captioner"),
        AnimateDiffSparseCtrl.from_pretrained(folder / "video", codec, clip),
    )


def load_subject(folder: Path, subject: int) -> SubjectModels:
    """The three reconstructors of a subject."""
    home = folder / f"subject{subject}"
    if not home.is_dir():
        known = sorted(p.name.removeprefix("subject") for p in folder.glob("subject*"))
        raise FileNotFoundError(f"no reconstructors for subject {subject} in {folder}; there are: {', '.join(known)}")
    return SubjectModels(*(weights.load(home / part) for part in ("perception", "semantic", "prior")))


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
        raise FileNotFoundError(
            f"no checkpoint for {', '.join(missing)} in {folder}; found: {', '.join(found) or 'nothing'}. "
            f"Train it with python -m neuroclips train --stage zoo-{missing[0].replace('_', '-')}"
        )

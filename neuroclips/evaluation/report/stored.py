"""Pictures of a report from files: films that an evaluation keeps, films that ship, and the truth of a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from torch import Tensor

from neuroclips import export, precomputed
from neuroclips.data.simulated import frames
from neuroclips.evaluation.conditions import CEILING
from neuroclips.media import read_image, read_video
from neuroclips.metrics.frames import N_SCORED
from neuroclips.reading import read_json
from neuroclips.types import Guidance, Step

TRUTH = "truth"
SHIPPED = {  # conditions whose films of some clips ship
    "full": (Guidance(), precomputed.CAPTIONER),
    "no-keyframe": (Guidance(beta=False), precomputed.CAPTIONER),
    "no-blurry": (Guidance(alpha=False), precomputed.CAPTIONER),
    "git": (Guidance(), precomputed.OTHER_CAPTIONER),
    "none": (Guidance(False, False, False), precomputed.CAPTIONER),
}


class Truth(Protocol):
    """What was shown: a dataset."""

    def stimulus(self, clip: int, n_frames: int) -> Tensor: ...


class StoredFilms:
    """home : OUT/films of an evaluation, with a folder for each clip in [subjectS/]CONDITION, None where it has none.

    ships : whether the films in assets/precomputed are of the same models and data. simulated : whether training films
    are the simulated ones. Satisfies `pictures.FilmsOf`.
    """

    def __init__(self, truth: Truth, home: Path | None = None, ships: bool = True, simulated: bool = True):
        self.truth, self.home, self.ships, self.simulated = truth, home, ships, simulated

    def film(self, subject: int, condition: str, clip: int) -> Tensor | None:
        if condition == TRUTH:
            return self.truth.stimulus(clip, N_SCORED)
        path = self._path(subject, condition, clip, Step.VIDEO)
        return None if path is None else read_video(path)

    def keyframe(self, subject: int, condition: str, clip: int) -> Tensor | None:
        if condition == TRUTH:
            return self.truth.stimulus(clip, N_SCORED)[0]
        path = self._path(subject, condition, clip, Step.KEYFRAME)
        return None if path is None else read_image(path)

    def caption(self, subject: int, condition: str, clip: int) -> str | None:
        if condition == TRUTH:
            told = getattr(self.truth, "caption", None)  # not every dataset has words
            return told(clip) if told else None
        if folder := self._folder(subject, condition, clip):
            return read_json(folder / export.RECORD).get("caption")
        found = precomputed.load(subject, clip, *SHIPPED[condition]) if self._may_ship(condition) else None
        return found["caption"] if found else None

    def training(self, film: str, tr: int) -> Tensor | None:
        return frames("train", int(film.removeprefix("seg")) - 1, tr, N_SCORED) if self.simulated else None

    def _oracle(self, clip: int, suffix: str) -> Path | None:
        """Films of true guidance belong to a clip, whoever watched it."""
        return self.home and self.home / CEILING / f"{clip:03d}{suffix}"

    def _path(self, subject: int, condition: str, clip: int, step: Step) -> Path | None:
        path: Path | None
        if condition == CEILING:
            path = self._oracle(clip, Path(export.FILES[step]).suffix)
        elif folder := self._folder(subject, condition, clip):
            path = folder / export.FILES[step]
        else:
            path = (
                precomputed.files(subject, clip, *SHIPPED[condition]).get(step) if self._may_ship(condition) else None
            )
        return path if path and path.exists() else None

    def _folder(self, subject: int, condition: str, clip: int) -> Path | None:
        """Where this evaluation keeps the clip; conditions without a subject lie beside the subjects."""
        if self.home is None:
            return None
        folders = (self.home / whose / condition / f"{clip:04d}" for whose in (f"subject{subject}", ""))
        return next((folder for folder in folders if (folder / export.RECORD).exists()), None)

    def _may_ship(self, condition: str) -> bool:
        return self.ships and condition in SHIPPED

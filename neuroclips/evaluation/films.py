"""The film files of a condition: those that ship, or a folder of a test set that goes on where it was stopped.

They lie in OUT/films/subjectS/CONDITION/CCCC/video.mp4, without subjectS where a condition has no subject. What is
there is used if its manifest names the settings and weights of today, and is refused otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from neuroclips import export, precomputed, precomputing
from neuroclips.configure import configure
from neuroclips.errors import InputError
from neuroclips.evaluation.conditions import CONDITIONS, Condition
from neuroclips.evaluation.mean_brain import of_mean_brain
from neuroclips.placement import device_named
from neuroclips.run import pipeline_of
from neuroclips.simulation.subjects import NULL
from neuroclips.testsets.asked import ClipSet
from neuroclips.testsets.making import make
from neuroclips.types import Request, Step
from neuroclips.zoo import DEFAULT, zoo_named

BATCH = 4  # clips together on an accelerator; one on a CPU
FILM, KEYFRAME = export.FILES[Step.VIDEO], export.FILES[Step.KEYFRAME]


@dataclass(frozen=True)
class Whose:
    """Whose films an evaluation is about, and the folder for those that do not ship."""

    out: Path
    zoo: str = DEFAULT
    dataset: str = "simulated"
    source: Path | None = None
    reconstructors: Path | None = None
    device: str | None = None

    @property
    def ships(self) -> bool:
        """Whether these are the models and the data of the films in assets/precomputed."""
        return (self.zoo, self.dataset, self.source, self.reconstructors) == (DEFAULT, "simulated", None, None)

    def of(self, name: str, subject: int | None = None) -> Path:
        """The folder of a condition's films, of a subject where they are its own."""
        return self.out / "films" / ("" if subject is None else f"subject{subject}") / name


@dataclass(frozen=True)
class Films:
    """Film files by clip, and the keyframes of those that have one; precomputed are those that ship."""

    files: dict[int, Path]
    keyframes: dict[int, Path]
    precomputed: bool = False


def films_of(whose: Whose, subject: int, name: str, clips: Sequence[int]) -> Films:
    """The films of a filmed condition, after those that are not there were made; a line on stderr tells of each.

    Raises InputError for films of other settings or weights, and for clips that could not be made.
    """
    if name == "full" and whose.ships:
        return shipped(subject, clips)
    order = clip_set(whose, subject, name, clips)
    if failed := make(order).failed:
        clip, why = next(iter(failed.items()))
        raise InputError(f"{order.out}: got {len(failed)} clips that failed, first {clip}: {why}; start again")
    films, keyframes = ({clip: order.folder(clip) / name for clip in clips} for name in (FILM, KEYFRAME))
    return Films(films, keyframes)


def shipped(subject: int, clips: Sequence[int]) -> Films:
    """The films with all guidances that ship. Raises InputError where they are those of other settings or weights."""
    full = precomputed.name_of(precomputed.GUIDANCES[0])
    there = {clip for clip, name in precomputing.rows_of(subject) if name == full}
    if missing := [clip for clip in clips if clip not in there]:
        raise InputError(
            f"{precomputed.folder(subject)}: got no film of clip {missing[0]} (of {len(missing)} that lack), expected "
            f"all: run python -m neuroclips precompute --subject {subject}"
        )
    found = {clip: precomputed.files(subject, clip) for clip in clips}
    films, keyframes = ({clip: of[step] for clip, of in found.items()} for step in (Step.VIDEO, Step.KEYFRAME))
    return Films(films, keyframes, precomputed=True)


def clip_set(whose: Whose, subject: int, name: str, clips: Sequence[int]) -> ClipSet:
    """The test set of a condition; where that has no subject it is made once, with the zoo's own reconstructors."""
    about = CONDITIONS[name]
    subject = _subject(subject, name, about)
    home = whose.of(name, subject if about.per_subject else None)
    request = Request(
        subject,
        clips[0],
        configure(zoo_named(whose.zoo).settings, about.changes),
        whose.zoo,
        about.dataset or whose.dataset,
        whose.source,
        whose.reconstructors if about.per_subject else None,
        device=whose.device,
    )
    size = 1 if device_named(whose.device).type == "cpu" else BATCH
    return ClipSet(request, tuple(clips), size, home, _mean_brained(request) if about.mean_brain else None)


def _subject(subject: int, name: str, about: Condition) -> int:
    if name == "null":
        return NULL
    return subject if about.per_subject else 1


def _mean_brained(request: Request):
    pipeline = pipeline_of(request)
    return pipeline.with_subject(of_mean_brain(pipeline.subjects(request.subject)))

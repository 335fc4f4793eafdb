"""What is scored, as types: the scores of one video, what each of them means, and how a record holds them.

Nothing heavy is imported here, so that the app can show scores before any model library is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from statistics import fmean

from neuroclips.errors import InputError

FLOOR = "one flat colour, the mean of the true film: what is scored without knowing anything else"
CEILING = "a film by the same generator, given the true keyframe, the true blurry video and the true caption"


@dataclass(frozen=True)
class About:
    """What a reader must know of one score.

    meaning : one line for a newcomer. chance : the score of a guess, None where guessing has no fixed score.
    low, high : the ends of the scale, None where it has none. floor, ceiling : what is scored to know what is little
    and what is as much as can be; no floor ("") where knowing nothing scores as well as knowing all.
    """

    label: str
    meaning: str
    unit: str = ""
    chance: float | None = None
    low: float | None = None
    high: float | None = None
    floor: str = FLOOR
    ceiling: str = CEILING
    higher_is_better: bool = True
    judge: str = ""  # the frozen model that it depends on

    @property
    def title(self) -> str:
        """The label, with the unit where there is one."""
        return f"{self.label} [{self.unit}]" if self.unit else self.label

    @property
    def beside(self) -> str:
        """The chance level, for the end of a line; nothing where there is none."""
        return "" if self.chance is None else f", chance {self.chance:g}"


@dataclass(frozen=True)
class Scores:
    """The scores of one video (paper, section 4.3); ABOUT says what each of them means."""

    ssim: float
    psnr: float
    frame_2_way: float
    video_2_way: float
    clip_pcc: float


ABOUT: dict[str, About] = {
    "ssim": About("SSIM", "How alike light, dark and edges are in small windows of six frames.", low=-1.0, high=1.0),
    "psnr": About("PSNR", "How near the colour of every pixel is; 3 dB more is half of the squared error.", unit="dB"),
    "frame_2_way": About(
        "frame 2-way",
        "How often a classifier sees what the true frame shows rather than another class drawn at random.",
        chance=0.5,
        low=0.0,
        high=1.0,
        judge="frame judge",
    ),
    "video_2_way": About(
        "video 2-way",
        "How often a classifier of films sees what truly happens rather than another class drawn at random.",
        chance=0.5,
        low=0.0,
        high=1.0,
        judge="video judge",
    ),
    "clip_pcc": About(
        "CLIP-pcc",
        "How smoothly the content passes from frame to frame; a still picture scores 1, whatever it shows.",
        low=-1.0,
        high=1.0,
        floor="",
        judge="CLIP",
    ),
}


@dataclass(frozen=True)
class ScoredBeside:
    """The scores of a video beside those of a flat frame, which knows nothing but the mean colour of the truth.

    A record holds `dataclasses.asdict` of this, and `read` gives it back.
    """

    video: Scores
    flat_colour: Scores

    def rows(self) -> Iterator[tuple[About, float, float]]:
        """What each score is, its value for the video, and its value for the flat frame."""
        for name, about in ABOUT.items():
            yield about, getattr(self.video, name), getattr(self.flat_colour, name)


def read(stored: dict[str, dict[str, float]] | None) -> ScoredBeside | None:
    """The scores of a record, None where it was not scored. Raises InputError where they are not those of ABOUT.

    One that is not finite, such as the PSNR of equal frames, is stored as the word that float() takes.
    """
    if stored is None:
        return None
    _expect("scores of", stored, [kind.name for kind in fields(ScoredBeside)])
    for kind, values in stored.items():
        _expect(f"scores of {kind}:", values, list(ABOUT))
    return ScoredBeside(**{kind: Scores(**_numbers(values)) for kind, values in stored.items()})


def _numbers(values: dict) -> dict[str, float]:
    try:
        return {name: float(value) for name, value in values.items()}
    except (TypeError, ValueError) as error:
        raise InputError(f"got scores {values}, expected numbers: reconstruct the clip again") from error


def _expect(what: str, got: dict, names: list[str]) -> None:
    if set(got) != set(names):
        raise InputError(
            f"got {what} {', '.join(got) or 'nothing'}, expected {', '.join(names)}: reconstruct the clip again"
        )


def mean(scored: Sequence[ScoredBeside]) -> ScoredBeside:
    """The mean of every score over several videos, of the video and of the flat frame.

    A PSNR that is infinite makes the mean infinite: none is left out unsaid.
    """
    return ScoredBeside(_mean([s.video for s in scored]), _mean([s.flat_colour for s in scored]))


def _mean(scores: Sequence[Scores]) -> Scores:
    return Scores(**{name: fmean(getattr(s, name) for s in scores) for name in ABOUT})

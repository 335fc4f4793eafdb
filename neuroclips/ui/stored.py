"""What the Decode tab shows at once: precomputed films, and the clips that were chosen by score."""

from __future__ import annotations

import warnings
from pathlib import Path

from neuroclips import precomputed
from neuroclips.data.simulated import THUMBNAILS
from neuroclips.errors import InputError
from neuroclips.types import SMOOTH_PROMPT, Guidance, Step

CHOSEN = f"Chosen by score ({precomputed.BY})"


def marks(subject: int) -> dict[str, int]:
    """The clips that are best, median and worst by score; none where what was precomputed does not read."""
    try:
        return precomputed.marks(subject)
    except InputError as error:
        warnings.warn(str(error), stacklevel=2)
        return {}


def thumbnails(subject: int) -> list[tuple[str, str]]:
    """Pictures and numbers of the shipped clips for the gallery, which says which are best, median and worst."""
    marked = {clip: name for name, clip in marks(subject).items()}
    shown = [(path, int(path.stem)) for path in sorted(THUMBNAILS.glob("*.webp"))]
    return [(str(path), f"{clip} {marked[clip]}" if clip in marked else str(clip)) for path, clip in shown]


def summary(subject: int, clip: int, guidance: Guidance) -> tuple[dict | None, str]:
    """The summary of a precomputed film, or None and why there is none."""
    try:
        return precomputed.load(subject, clip, guidance), f"nothing precomputed with guidance {names(guidance)}"
    except InputError as error:
        warnings.warn(str(error), stacklevel=2)
        return None, "what was precomputed does not read"


def files(subject: int, clip: int, guidance: Guidance) -> dict[Step, Path]:
    """Those of its files that are there."""
    return {step: path for step, path in precomputed.files(subject, clip, guidance).items() if path.exists()}


def label(subject: int, clip: int, guidance: Guidance, seed: int) -> str:
    """What is said above a precomputed film."""
    mark = next((name for name, marked in marks(subject).items() if marked == clip), None)
    chosen = f" This subject's {mark} clip with all guidances, chosen by score ({precomputed.BY})." if mark else ""
    made = f"**precomputed** with seed {seed}, guidance {names(guidance)}"
    return f"Clip {clip}, subject {subject}: {made}.{chosen}"


def unused(guidance: Guidance) -> dict[Step, str]:
    """What is said of stages that a guidance leaves out."""
    found = {} if guidance.beta else {Step.KEYFRAME: "off"}
    return found if guidance.gamma else found | {Step.CAPTION: "generic prompt"}


def notes(guidance: Guidance) -> dict[Step, str]:
    """What is said of each stage of a precomputed film."""
    blurry = "precomputed" if guidance.alpha else "precomputed, not used"
    stages = {Step.BLURRY_VIDEO: blurry, Step.KEYFRAME: "precomputed", Step.CAPTION: "precomputed"}
    return stages | {Step.VIDEO: "precomputed"} | unused(guidance)


def caption(guidance: Guidance) -> str:
    """The caption before any is made."""
    return "" if guidance.gamma else SMOOTH_PROMPT


def names(guidance: Guidance) -> str:
    """A combination in Greek letters."""
    on = [sign for sign, is_on in zip("αβγ", (guidance.alpha, guidance.beta, guidance.gamma), strict=True) if is_on]
    return ", ".join(on) or "none"

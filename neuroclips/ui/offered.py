"""What a visitor can train, and how long it takes: by the training cards of the shipped weights, and by runs here.

Named without torch, so that the page is there before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from neuroclips.errors import InputError
from neuroclips.paths import ASSETS, CHECKPOINTS
from neuroclips.reading import read_json


@dataclass(frozen=True)
class Offered:
    """A training that the tab starts.

    stage : of `python -m neuroclips train`; words : its further options; card : the shipped part that was trained so,
    whose steps are "as shipped"; parts : of the pipeline that the weights are, none for a baseline.
    """

    title: str
    about: str
    stage: str
    words: tuple[str, ...] = ()
    card: str | None = None
    parts: tuple[str, ...] = ()


OFFERED = {
    "perception": Offered(
        "Perception: the blurry video", "voxels to the latents of six frames", "perception", (), "perception",
        ("perception",),
    ),
    "semantic": Offered(
        "Semantics: what is seen", "voxels to CLIP tokens, which find the clip", "semantic", (), "semantic",
        ("semantic",),
    ),
    "prior": Offered(
        "Prior: cleaner tokens", "a diffusion prior on top of the shipped Semantics Reconstructor", "prior", (),
        "prior", ("prior",),
    ),
    "joint": Offered(
        "Semantics and prior together", "equation 4 of the paper: both in the same steps", "semantic",
        ("--set", "joint=true"), "semantic", ("semantic", "prior"),
    ),
    "linear": Offered(
        "Linear baseline", "ridge regression, solved at once: what the others must beat", "linear"
    ),
}  # fmt: skip

FEWEST, MOST = 20, 5000  # steps
LOWEST, HIGHEST = 1e-6, 0.1  # learning rate
PRESETS = {"taste": 100, "short": 300}  # steps; "as shipped" is the card's


def subjects() -> list[int]:
    """The shipped subjects."""
    return sorted(int(path.stem.removeprefix("subject")) for path in (ASSETS / "simulated").glob("subject*.npz"))


def offered(name: object) -> Offered:
    """Raises InputError with what there is."""
    if not isinstance(name, str) or name not in OFFERED:
        raise InputError(f"got stage {name!r:.60}, expected one of: {', '.join(OFFERED)}")
    return OFFERED[name]


def card(name: str, subject: int) -> Mapping[str, Any]:
    """How the shipped weights were trained; of a baseline, which has no steps, nothing.

    Of a subject that is not shipped, that of subject 1.
    """
    role = offered(name).card
    if role is None:
        return {}
    path = CHECKPOINTS / "demo" / f"subject{subject}" / role / "training.json"
    return _shipped(path if path.exists() else path.parents[2] / "subject1" / role / "training.json")


@cache
def _shipped(path: Path) -> Mapping[str, Any]:
    return read_json(path)


def presets(name: str, subject: int) -> dict[str, int]:
    """Steps of each preset; none where nothing is trained step by step."""
    about = card(name, subject)
    return {**PRESETS, "as shipped": int(about["steps"])} if about else {}


def linear_scores(subject: int) -> Mapping[str, float]:
    """What `--stage linear` reached on the validation films of the simulated dataset; nothing where it is not known."""
    path = ASSETS / "simulated" / "linear.json"
    return read_json(path).get(f"subject{subject}", {}) if path.exists() else {}

"""Conditions: what is compared in an evaluation, each a row; those with a film say how it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from neuroclips.types import TABLE_2

Kind = Literal["result", "ablation", "control", "floor", "ceiling"]
EVERY: dict[str, int] = {"ablation": 3, "ceiling": 3, "control": 12}
NO_GUIDANCE = {"guidance.alpha": False, "guidance.beta": False, "guidance.gamma": False}


@dataclass(frozen=True)
class Condition:
    """A row of a report.

    filmed : whether it has films of its own; floors without are made of the truth, of other films or of another order.
    changes : of settings. dataset : a control of data/controls.py in the place of what is evaluated.
    per_subject : whether its films are another subject's others. mean_brain : whether the brain tokens are the mean
    token of the training films, whatever the voxels (mean_brain.py). decoded : of a floor, whether it is made of what
    the brain says: a floor of what moves, none of what is known without a brain.
    """

    label: str
    kind: Kind
    meaning: str  # a sentence for a newcomer
    filmed: bool = True
    changes: Mapping[str, object] = field(default_factory=dict)
    dataset: str = ""
    per_subject: bool = True
    mean_brain: bool = False
    decoded: bool = False

    @property
    def every(self) -> int:
        """Of so many clips one is filmed, whatever is in it: what differs little needs more of them."""
        return EVERY.get(self.kind, 1)


def _ablation(name: str, label: str, meaning: str) -> Condition:
    return Condition(label, "ablation", meaning, changes=TABLE_2[name])


def _floor(label: str, meaning: str, decoded: bool = False) -> Condition:
    return Condition(label, "floor", meaning, filmed=False, per_subject=False, decoded=decoded)


CONDITIONS: dict[str, Condition] = {
    "full": Condition("NeuroClips", "result", "The whole pipeline: blurry video, keyframe and its caption."),
    "no-keyframe": _ablation(
        "no-keyframe", "w/o keyframe", "Blurry video alone: no keyframe, hence no caption (table 2)."
    ),
    "no-blurry": _ablation("no-blurry", "w/o blurry video", "Keyframe and caption alone (table 2)."),
    "git": _ablation("git", "GIT captions", "Words that GIT reads from image tokens, not BLIP-2 from the keyframe."),
    "zero": Condition(
        "zero fMRI",
        "control",
        "The whole pipeline with voxels that are all 0: what decoders answer to a brain that says nothing.",
        dataset="zero",
    ),
    "noise": Condition(
        "Gaussian fMRI",
        "control",
        "The whole pipeline with Gaussian fMRI of the mean and covariance of the subject's own.",
        dataset="noise",
    ),
    "null": Condition(
        "null subject",
        "control",
        "The whole pipeline, trained and tested on a simulated subject in whose fMRI no film left a trace.",
        dataset="null",
        per_subject=False,
    ),
    "other": Condition(
        "another subject's fMRI",
        "control",
        "The next subject's fMRI of the same clip, by the vertices that voxels share or that are nearest.",
        dataset="other",
    ),
    "prior": Condition(
        "prior alone",
        "control",
        "What the frozen models paint where brain tokens are the mean token of the training films, without blurry "
        "video; zero fMRI still passes the decoders, this passes none but the prior.",
        changes=TABLE_2["no-blurry"],
        dataset="zero",
        mean_brain=True,
    ),
    "none": Condition(
        "all guidances off",
        "control",
        "The text-to-video model by itself, told 'a smooth video': no brain at all.",
        changes=NO_GUIDANCE,
        dataset="zero",
        per_subject=False,
    ),
    "flat": _floor("flat colour", "One colour, the mean of the true film: it knows that much of the truth."),
    "mean frame": _floor("mean training frame", "The mean of the frames of the training films, for every clip."),
    "frozen": _floor("frozen keyframe", "The keyframe of the reconstruction, standing still.", decoded=True),
    "best single": _floor("best single clip", "The one reconstruction that fits all clips best, shown for each."),
    "shuffled": _floor("shuffled clips", "Reconstructions against the truth of other clips of the same film."),
    "oracle": Condition(
        "oracle",
        "ceiling",
        "The same generator, given the true keyframe, the true blurry video and the true caption.",
        per_subject=False,
    ),
}
ABLATIONS = tuple(name for name, about in CONDITIONS.items() if about.kind == "ablation")
CONTROLS = tuple(name for name, about in CONDITIONS.items() if about.kind == "control")
FLOORS = tuple(name for name, about in CONDITIONS.items() if about.kind == "floor")
CEILING = "oracle"

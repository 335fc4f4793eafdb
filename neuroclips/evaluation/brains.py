"""Whose brain, if any, a film is made from: the eight rows of "is it from the brain?". Only the brain differs in them.

Noise belongs to the seed and the number of the clip, so that the generator begins every row alike. Nothing heavy is
imported here, so that the page can tell of the rows before any model is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from neuroclips.data import controls
from neuroclips.data.base import FmriDataset
from neuroclips.evaluation.conditions import NO_GUIDANCE
from neuroclips.types import TABLE_2


@dataclass(frozen=True)
class Brain:
    """A row of the strip.

    of : the samples that are decoded, of a dataset and a seed. floor : whether its film knows nothing of what this
    brain saw, so that its score is part of the floor. changes : of settings. mean_brain : whether the brain tokens are
    the mean token of the training films, whatever the voxels (mean_brain.py).
    """

    label: str
    meaning: str  # a sentence for a newcomer
    of: Callable[[FmriDataset, int], FmriDataset]
    floor: bool = False
    changes: Mapping[str, object] = field(default_factory=dict)
    mean_brain: bool = False


def _zero(data: FmriDataset, _seed: int) -> FmriDataset:
    return controls.zero(data)


BRAINS: dict[str, Brain] = {
    "real": Brain("real fMRI", "What this brain said about this clip.", lambda data, _: data),
    "another clip": Brain(
        "another clip’s fMRI",
        "This brain about another clip, 30 s away or more.",
        controls.elsewhere,
    ),
    "zero": Brain("zero fMRI", "Voxels that are all 0: a brain that says nothing.", _zero, floor=True),
    "mean": Brain(
        "mean fMRI",
        "The mean of all test samples of this brain.",
        lambda data, _: controls.mean(data),
        True,
    ),
    "noise": Brain(
        "Gaussian noise",
        "Noise of the mean and covariance of this brain's samples.",
        controls.noise,
        floor=True,
    ),
    "other subject": Brain(
        "another subject’s fMRI",
        "Another brain about this clip, by the nearest voxels.",
        lambda data, _: controls.other(data),
    ),
    "prior": Brain(
        "prior alone",
        "What the frozen models paint: the mean brain token, no blurry video.",
        _zero,
        floor=True,
        changes=TABLE_2["no-blurry"],
        mean_brain=True,
    ),
    "off": Brain(
        "all guidances off",
        "The text-to-video model by itself, told “a smooth video”.",
        _zero,
        floor=True,
        changes=NO_GUIDANCE,
    ),
}
FLOOR = tuple(name for name, brain in BRAINS.items() if brain.floor)

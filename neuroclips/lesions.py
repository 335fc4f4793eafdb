"""Lesions: voxels of named or painted cortex that are silenced before anything is decoded.

A lesion is words, so that a request, a line of the shell and an address of the page can hold it; which voxels of a
subject it means is known when it is bound to a dataset.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from neuroclips.data.base import FmriDataset, check
from neuroclips.errors import InputError, MissingError
from neuroclips.ranges import Checked
from neuroclips.types import Edit, FmriSample

if TYPE_CHECKING:
    from neuroclips.types import Settings

Silence = Literal["zero", "mean", "noise"]
SILENCES: tuple[str, ...] = get_args(Silence)
MOST_WORDS, MOST_LETTERS = 400, 8000  # of a lesion: a brush that wanders leaves many discs
NAMED = re.compile(r"(lesion|keep) (.+) \((zero|mean|noise)\)")


@dataclass(frozen=True)
class Lesion(Checked):
    """Regions that are silenced, as `brain.regions.rows_of` reads them; with `keep` they alone are left.

    silence : what takes the place of a silenced voxel: "zero", which of z-scored fMRI is the mean of its run; "mean" of
    the subject's samples; "noise", Gaussian of the mean and the variance that the voxel has over them, drawn anew for
    each clip. No film is looked at for any of them. Raises InputError for words that name no region, with the nearest
    names.
    """

    regions: str
    keep: bool = False
    silence: Silence = "zero"

    def __post_init__(self):
        super().__post_init__()
        from neuroclips.brain.regions import rows_of  # reads the parcellation, which only lesions need

        words = [word.strip() for word in self.regions.split(",") if word.strip()]
        if len(words) > MOST_WORDS or len(self.regions) > MOST_LETTERS:
            got = f"{len(words)} regions in {len(self.regions):,} letters"
            raise InputError(f"got {got}, expected at most {MOST_WORDS} in {MOST_LETTERS:,}: use a larger brush")
        object.__setattr__(self, "regions", ",".join(dict.fromkeys(words)))
        rows_of(self.regions)

    @property
    def __name__(self) -> str:
        """As records have it."""
        return f"{'keep' if self.keep else 'lesion'} {self.regions} ({self.silence})"

    def __call__(self, sample: FmriSample) -> FmriSample:
        """Always raises InputError: which voxels are meant is not known here."""
        raise InputError(
            f"got {self.__name__} that knows no voxels, expected it bound: Lesion(...).on(dataset, subject), or a "
            "Request, which binds it"
        )

    def on(self, dataset: FmriDataset, subject: int, seed: int = 0) -> Silenced:
        """The edit that silences voxels of a subject; seed : of the noise.

        Raises MissingError for a dataset that does not say where its voxels are, and InputError where no voxel lies in
        the regions.
        """
        mask = self.silenced(dataset, subject)
        if mask.all():
            warnings.warn(
                f"{self.__name__} silences all {len(mask):,} voxels of subject {subject}: nothing of what is decoded "
                "is from the brain",
                stacklevel=2,
            )
        return self.over(mask, dataset, subject, seed)

    def silenced(self, dataset: FmriDataset, subject: int) -> np.ndarray:
        """(n_voxels,) bool: which voxels of a subject are silenced. Raises as `on` does."""
        within = self._within(vertices_of(dataset, subject), subject)
        return ~within if self.keep else within

    def over(self, mask: np.ndarray, dataset: FmriDataset, subject: int, seed: int = 0) -> Silenced:
        """The edit that silences the voxels of a mask (n_voxels,) in the place of those of the regions."""
        mean, deviation = np.zeros(int(mask.sum()), np.float32), None
        if self.silence != "zero":
            mean, deviation = (of[mask] for of in _moments(dataset, subject))  # type: ignore[arg-type] # all hash
        return Silenced(self, subject, mask, mean, deviation if self.silence == "noise" else None, seed)

    def _within(self, index: np.ndarray, subject: int) -> np.ndarray:
        from neuroclips.brain.regions import GROUPS, rows_of

        within = rows_of(self.regions)[index]  # (n_voxels,)
        if not within.any():
            there = ", ".join(name for name, areas in GROUPS.items() if rows_of(areas)[index].any())
            raise InputError(
                f"got {self.regions}, where subject {subject} has no voxel, expected regions that have some: "
                f"{there or 'none of ours has'}"
            )
        return within


@dataclass(frozen=True, eq=False)
class Silenced:
    """A lesion of one subject: an edit that gives samples whose voxels in `mask` say nothing.

    mean : (n,) what takes the place of the n silenced voxels. deviation : (n,) of the noise around it; None: no noise.
    """

    lesion: Lesion
    subject: int
    mask: np.ndarray = field(repr=False)  # (n_voxels,) bool, whether silenced
    mean: np.ndarray = field(repr=False)
    deviation: np.ndarray | None = field(repr=False)
    seed: int

    @property
    def __name__(self) -> str:
        """As records have it: that of the lesion."""
        return self.lesion.__name__

    @property
    def told(self) -> str:
        """How much it takes, in words."""
        return f"{self.__name__}: {self.mask.sum():,} of {len(self.mask):,} voxels of subject {self.subject} silenced"

    def __call__(self, sample: FmriSample) -> FmriSample:
        """Raises InputError for a sample of another subject, or of other voxels."""
        if sample.subject != self.subject or sample.voxels.shape != self.mask.shape:
            raise InputError(
                f"got a sample of subject {sample.subject} with voxels {tuple(sample.voxels.shape)}, expected subject "
                f"{self.subject} with {self.mask.shape}, on which {self.__name__} was bound: bind it anew"
            )
        import torch

        voxels = sample.voxels.clone()
        voxels[torch.from_numpy(self.mask)] = torch.from_numpy(self._instead(sample.clip)).to(voxels)
        return replace(sample, voxels=voxels)

    def _instead(self, clip: int) -> np.ndarray:
        if self.deviation is None:
            return self.mean
        normal = np.random.default_rng([self.seed, self.subject, clip, 43]).standard_normal(len(self.mask))
        return self.mean + self.deviation * normal[self.mask].astype(np.float32)  # a voxel's noise is that of any mask


def bound(settings: Settings, dataset: FmriDataset, subject: int) -> Settings:
    """Settings whose lesions know the voxels of a subject; other edits stay as they are.

    Raises as `Lesion.on` does.
    """
    if not any(isinstance(edit, Lesion) for edit in settings.edits):
        return settings
    edits: Iterable[Edit] = (
        edit.on(dataset, subject, settings.seed) if isinstance(edit, Lesion) else edit for edit in settings.edits
    )
    return replace(settings, edits=tuple(edits))


def lesion_of(lesion: str | None, keep: str | None, silence: str | None) -> tuple[Lesion, ...]:
    """The edits of what is typed or sent: regions to silence, or those to keep; nothing of either is no lesion.

    Raises InputError for both together.
    """
    if lesion and keep:
        raise InputError("got regions to silence and regions to keep, expected one of them: leave lesion or keep out")
    regions = lesion or keep
    return (Lesion(regions, bool(keep), silence or SILENCES[0]),) if regions else ()  # type: ignore[arg-type]


def named(name: str) -> Lesion | None:
    """The lesion that a record names, None for the name of another edit."""
    found = NAMED.fullmatch(name)
    return Lesion(found[2], found[1] == "keep", found[3]) if found else None  # type: ignore[arg-type]


def vertices_of(dataset: FmriDataset, subject: int) -> np.ndarray:
    """(n_voxels,) rows among the cortical vertices. Raises MissingError for a dataset that does not know them."""
    check(dataset.info, subject)
    try:
        return np.asarray(dataset.vertex_index(subject))
    except InputError as error:
        raise MissingError(f"{error}; lesions need to know where voxels are (--vertex-index of a file)") from error


@lru_cache(maxsize=4)
def _moments(dataset: FmriDataset, subject: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (n_voxels,) of a subject's samples. Raises InputError for fewer than two."""
    if dataset.info.n_clips < 2:
        raise InputError(f"got {dataset.info.n_clips} sample, expected two or more to know a voxel's mean: choose zero")
    samples = np.stack([dataset.sample(subject, clip).voxels.numpy() for clip in range(dataset.info.n_clips)])
    return samples.mean(0), samples.std(0)

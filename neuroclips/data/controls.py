"""Controls: the clips and films of a dataset with fMRI that knows less of them, or nothing.

What a film made of these still scores is not from the brain that the scores are about. None of them looks at a film.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from neuroclips.brain.cortex import load_cortex
from neuroclips.data.base import DatasetInfo, FmriDataset, as_voxels, check
from neuroclips.data.simulated import SimulatedDataset
from neuroclips.errors import InputError
from neuroclips.types import FmriSample

if TYPE_CHECKING:
    from torch import Tensor

Voxels = Callable[[int, int], np.ndarray]  # of a subject and a clip, (n_voxels,)

N_VOXELS_OF_NULL = {0: 3983}  # the simulated null subject as it ships: every vertex of the areas that see in others
REACH = 3.0  # [mm], as far as a voxel may be from the one that stands for it: vertices are 2 mm apart
FAR = 30.0  # [s], as far as another clip of the same film is at least
FEWEST = 10  # test samples that have a mean and a covariance: of fewer, a clip's own would be too much of them


class ControlDataset:
    """Another dataset whose samples are those of `voxels`; films, clips and vertices stay as they are."""

    def __init__(self, name: str, dataset: FmriDataset, voxels: Voxels):
        self.dataset, self.voxels, self.info = dataset, voxels, replace(dataset.info, name=name)

    def sample(self, subject: int, clip: int) -> FmriSample:
        check(self.info, subject, clip)
        return FmriSample(as_voxels(self.voxels(subject, clip)), subject, clip)

    def stimulus(self, clip: int, n_frames: int) -> Tensor:
        return self.dataset.stimulus(clip, n_frames)

    def vertex_index(self, subject: int) -> np.ndarray:
        return self.dataset.vertex_index(subject)


def zero(dataset: FmriDataset) -> ControlDataset:
    """Voxels that are all 0, which of z-scored fMRI is the mean: what decoders make of a brain that says nothing."""
    return ControlDataset("zero", dataset, lambda subject, _: np.zeros(dataset.info.n_voxels[subject], np.float32))


def mean(dataset: FmriDataset) -> ControlDataset:
    """The mean of all test samples of a subject, the same for every clip.

    The clip's own is among them: without it, the mean of z-scored samples would be a faint negative of that one. Raises
    InputError, when a sample is asked for, where there are fewer than ten.
    """
    means = lru_cache(maxsize=4)(lambda subject: _samples(dataset, subject).mean(0))
    return ControlDataset("mean", dataset, lambda subject, _: means(subject))


def elsewhere(dataset: FmriDataset, seed: int = 0) -> ControlDataset:
    """The subject's own fMRI of another clip, `far_clip`, given out as that of each."""

    def voxels(subject: int, clip: int) -> np.ndarray:
        return dataset.sample(subject, far_clip(dataset.info, clip, seed)).voxels.numpy()

    return ControlDataset("elsewhere", dataset, voxels)


def far_clip(info: DatasetInfo, clip: int, seed: int = 0) -> int:
    """Another clip, drawn by the number of the clip and a seed alone: nobody looks at what is in a film.

    It is of the same film and 30 s away or more, in a short film any of another. Raises InputError where there is none.
    """
    clips, film = np.arange(info.n_clips), np.arange(info.n_clips) // info.clips_per_run
    apart, same = info.tr * np.abs(clips - clip), film == clip // info.clips_per_run
    there = clips[same & (apart >= FAR)]
    there = there if len(there) else clips[~same]
    if not len(there):
        raise InputError(f"got {info.n_clips} clips of {info.name}, expected one {FAR:.0f} s from clip {clip}")
    return int(np.random.default_rng([seed, clip, 42]).choice(there))


def noise(dataset: FmriDataset, seed: int = 0) -> ControlDataset:
    """Gaussian fMRI with mean and covariance of a subject's test samples, drawn anew for each clip.

    It is the mean m and a combination of the centred samples x_i with normal weights:
        m + sum_i w_i (x_i - m) / sqrt(n - 1), w_i ~ N(0, 1),
    whose covariance is the sample covariance, without a matrix of n_voxels x n_voxels. Raises InputError, when a sample
    is asked for, where there are fewer than ten.
    """
    samples = lru_cache(maxsize=4)(lambda subject: _samples(dataset, subject))

    def voxels(subject: int, clip: int) -> np.ndarray:
        of = samples(subject)
        weights = np.random.default_rng([seed, subject, clip, 41]).standard_normal(len(of))
        return of.mean(0) + weights @ (of - of.mean(0)) / np.sqrt(len(of) - 1)

    return ControlDataset("noise", dataset, voxels)


def other(dataset: FmriDataset) -> ControlDataset:
    """The next subject's fMRI of the same clip (of subject 1 that of 2, of the last that of the first).

    It is carried over by the vertices of the cortex, whose numbering all share: a voxel takes the other's at its
    vertex, or at the nearest of the same hemisphere within 3 mm, for at quarter density no two simulated subjects have
    a vertex in common; a voxel that has none near is 0. This is brain activity about the clip, so films may well be
    better than chance: what they lose is what is a brain's own.
    """
    source = lru_cache(maxsize=4)(lambda subject: _stand_ins(dataset, subject))

    def voxels(subject: int, clip: int) -> np.ndarray:
        at, near = source(subject)
        return np.where(near, dataset.sample(next_subject(dataset, subject), clip).voxels.numpy()[at], 0)

    return ControlDataset("other", dataset, voxels)


def next_subject(dataset: FmriDataset, subject: int) -> int:
    """Who comes after a subject, in a ring. Raises InputError for a dataset of one subject."""
    known = sorted(dataset.info.n_voxels)
    if len(known) < 2:
        raise InputError(f"got {dataset.info.name} with subject {subject} alone, expected another: leave this control")
    return known[(known.index(subject) + 1) % len(known)]


def _samples(dataset: FmriDataset, subject: int) -> np.ndarray:
    """All test samples (n_clips, n_voxels) of a subject."""
    if dataset.info.n_clips < FEWEST:
        got = f"{dataset.info.n_clips} test samples of {dataset.info.name}"
        raise InputError(f"got {got}, expected {FEWEST} or more to take their mean and covariance")
    return np.stack([dataset.sample(subject, clip).voxels.numpy() for clip in range(dataset.info.n_clips)])


def _stand_ins(dataset: FmriDataset, subject: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each voxel of a subject the nearest voxel of the next, (n_voxels,), and whether that is near enough."""
    from scipy.spatial import cKDTree

    cortex = load_cortex()
    mine, theirs = (dataset.vertex_index(s) for s in (subject, next_subject(dataset, subject)))
    at, distance = np.zeros(len(mine), np.int64), np.full(len(mine), np.inf)
    for half in (True, False):
        here, there = (np.flatnonzero(cortex.left[index] == half) for index in (mine, theirs))
        if here.size and there.size:
            distance[here], found = cKDTree(cortex.xyz[theirs[there]]).query(cortex.xyz[mine[here]])
            at[here] = there[found]
    return at, distance <= REACH


def zero_simulated(source: Path | None = None) -> ControlDataset:
    return zero(SimulatedDataset(source))


def noise_simulated(source: Path | None = None) -> ControlDataset:
    return noise(SimulatedDataset(source))


def other_simulated(source: Path | None = None) -> ControlDataset:
    return other(SimulatedDataset(source))


def null_simulated(source: Path | None = None) -> SimulatedDataset:
    """The null subject, number 0: noise of a simulated scanner, in which no clip left a trace."""
    return SimulatedDataset(source, N_VOXELS_OF_NULL, name="null")

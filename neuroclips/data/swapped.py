"""The swapped subject: the fMRI of one clip given out as that of another. What still scores is not from the brain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from neuroclips.data.base import FmriDataset, check
from neuroclips.data.simulated import SimulatedDataset
from neuroclips.errors import InputError
from neuroclips.types import FmriSample

if TYPE_CHECKING:
    from torch import Tensor


class SwappedDataset:
    """Another dataset with its fMRI permuted against its clips; no clip keeps its own or a neighbour's sample."""

    def __init__(self, dataset: FmriDataset, seed: int = 0, apart: int = 10):
        self.dataset, self.info = dataset, replace(dataset.info, name="swapped")
        self.partner = derangement(dataset.info.n_clips, apart, np.random.default_rng([seed, 21]))

    def sample(self, subject: int, clip: int) -> FmriSample:
        check(self.info, subject, clip)
        return FmriSample(self.dataset.sample(subject, int(self.partner[clip])).voxels, subject, clip)

    def stimulus(self, clip: int, n_frames: int) -> Tensor:
        return self.dataset.stimulus(clip, n_frames)

    def vertex_index(self, subject: int) -> np.ndarray:
        return self.dataset.vertex_index(subject)


def swapped_simulated(source: Path | None = None) -> SwappedDataset:
    """The simulated dataset, swapped: a control of which nothing may be decoded."""
    return SwappedDataset(SimulatedDataset(source))


def derangement(n: int, apart: int, rng: np.random.Generator) -> np.ndarray:
    """A permutation of n clips (n,) that moves each by more than `apart`. Raises InputError when n is too small."""
    if n <= 4 * apart:
        raise InputError(f"got {n} clips, expected more than {4 * apart} to swap them by more than {apart}")
    order, place = rng.permutation(n), np.arange(n)
    while len(close := np.flatnonzero(np.abs(order - place) <= apart)):
        for i in close:
            j = rng.integers(n)
            order[i], order[j] = order[j], order[i]
    return order

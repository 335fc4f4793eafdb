"""One interface for all data: a dataset declares what it holds, and gives samples, never the truth with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from neuroclips.types import FmriSample


@dataclass(frozen=True)
class DatasetInfo:
    """What a dataset holds: subjects with their voxel counts, and test clips."""

    name: str
    n_voxels: dict[int, int]
    n_clips: int


class FmriDataset(Protocol):
    """Test samples and, apart from them, the stimuli they are compared with."""

    info: DatasetInfo

    def sample(self, subject: int, clip: int) -> FmriSample: ...

    def stimulus(self, clip: int, n_frames: int) -> Tensor: ...

    def vertex_index(self, subject: int) -> np.ndarray: ...


def check(info: DatasetInfo, subject: int, clip: int = 0) -> None:
    """Raise ValueError with what exists when there is no such subject or clip."""
    if subject not in info.n_voxels:
        raise ValueError(f"got subject {subject}, {info.name} has subjects {', '.join(map(str, info.n_voxels))}")
    if not 0 <= clip < info.n_clips:
        raise ValueError(f"got clip {clip}, {info.name} has test clips 0 to {info.n_clips - 1}")


def as_voxels(row: np.ndarray) -> Tensor:
    return torch.from_numpy(np.asarray(row, np.float32))

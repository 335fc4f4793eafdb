"""One interface for all data: a dataset declares what it holds, and gives samples, never the truth with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from neuroclips.errors import InputError
from neuroclips.preprocessing.layout import REPEATS, TR
from neuroclips.types import FmriSample


@dataclass(frozen=True)
class DatasetInfo:
    """What a dataset holds: subjects with their voxel counts, clips, repeats, and the time between samples."""

    name: str
    n_voxels: dict[int, int]
    n_clips: int  # test clips
    n_train: int = 0  # training clips that come with it
    repeats: dict[str, int] = field(default_factory=lambda: dict(REPEATS))
    tr: float = TR  # [s]
    has_stimuli: bool = True
    frames_per_clip: int | None = None  # that the films of a clip have; None: rendered at any rate

    @staticmethod
    def expect(where: str, got: object, expected: object) -> None:
        """Raise InputError with the file, what it holds and what it should hold, unless these are equal."""
        if got != expected:
            raise InputError(f"{where}: got {got}, expected {expected}: is this the right file, downloaded to its end?")


class FmriDataset(Protocol):
    """Test samples and, apart from them, the stimuli they are compared with."""

    info: DatasetInfo

    def sample(self, subject: int, clip: int) -> FmriSample: ...

    def stimulus(self, clip: int, n_frames: int) -> Tensor: ...

    def vertex_index(self, subject: int) -> np.ndarray: ...


def check(info: DatasetInfo, subject: int, clip: int = 0) -> None:
    """Raise InputError with what exists when there is no such subject or clip."""
    if subject not in info.n_voxels:
        raise InputError(f"got subject {subject}, {info.name} has subjects {', '.join(map(str, info.n_voxels))}")
    if not 0 <= clip < info.n_clips:
        raise InputError(f"got clip {clip}, {info.name} has test clips 0 to {info.n_clips - 1}")


def as_voxels(row: np.ndarray) -> Tensor:
    return torch.from_numpy(np.array(row, np.float32))


def pick_frames(frames: Tensor, n_frames: int) -> Tensor:
    """`n_frames` of the evenly spaced frames (n, 3, H, W) of a clip, each the last one shown by its time.

    For showing, not for scoring: of more frames than there are, some are repeats.
    """
    return frames[torch.arange(n_frames) * len(frames) // n_frames]

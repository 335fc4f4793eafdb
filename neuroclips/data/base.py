"""One interface for all data: a dataset declares what it holds, and gives samples, never the truth with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from neuroclips.brain.cortex import N_CORTEX
from neuroclips.errors import InputError
from neuroclips.preprocessing.layout import N_SAMPLES, REPEATS, TR
from neuroclips.types import FmriSample

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class DatasetInfo:
    """What a dataset holds: subjects with their voxel counts, clips, repeats, and the time between samples.

    scripted : the simulated films that the test clips are of, in order; empty where nobody knows what is in a film.
    """

    name: str
    n_voxels: dict[int, int]
    n_clips: int  # test clips
    n_train: int = 0  # training clips that come with it
    repeats: dict[str, int] = field(default_factory=lambda: dict(REPEATS))
    tr: float = TR  # [s]
    has_stimuli: bool = True
    frames_per_clip: int | None = None  # that the films of a clip have; None: rendered at any rate
    clips_per_run: int = N_SAMPLES  # test clips are numbered run after run
    scripted: tuple[tuple[str, int], ...] = ()

    def follows(self, former: int, later: int) -> bool:
        """Whether test clip `later` was seen right after `former`, in the same run."""
        return later == former + 1 and later % self.clips_per_run > 0

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
    if not info.n_clips:
        raise InputError(
            f"got clip {clip}, {info.name} has no test clips here: it was made without a film test1 to test5"
        )
    if not 0 <= clip < info.n_clips:
        raise InputError(f"got clip {clip}, {info.name} has test clips 0 to {info.n_clips - 1}")


def checked_vertex_index(where: Path | str, index: np.ndarray, n_voxels: int | None = None) -> np.ndarray:
    """`index` (n_voxels,) as int64, if it says for every voxel which of the 59,412 cortical vertices it is.

    Raises InputError, which begins with `where`, for other shapes, what is no whole number, places that are not there,
    and places that are named more than once.
    """
    index = np.asarray(index)
    if index.ndim != 1 or not index.size or n_voxels not in (None, len(index)):
        expected = "(n_voxels,)" if n_voxels is None else f"({n_voxels},): one row of the cortex per voxel"
        raise InputError(f"{where}: got a vertex index of shape {index.shape}, expected {expected}")
    if not np.issubdtype(index.dtype, np.integer):
        raise InputError(f"{where}: got a vertex index of type {index.dtype}, expected whole numbers (int64)")
    if index.min() < 0 or index.max() >= N_CORTEX:
        got = f"vertices {index.min()} to {index.max()}"
        raise InputError(f"{where}: got {got}, expected rows among the cortical vertices, 0 to {N_CORTEX - 1}")
    if repeated := len(index) - len(np.unique(index)):
        raise InputError(f"{where}: got {repeated:,} vertices more than once, expected each once")
    return index.astype(np.int64)


def as_voxels(row: np.ndarray) -> Tensor:
    import torch  # when a sample is asked for: the page opens a dataset to know what is in it

    return torch.from_numpy(np.array(row, np.float32))


def pick_frames(frames: Tensor, n_frames: int) -> Tensor:
    """`n_frames` of the evenly spaced frames (n, 3, H, W) of a clip, each the last one shown by its time.

    For showing, not for scoring: of more frames than there are, some are repeats.
    """
    return frames[[k * len(frames) // n_frames for k in range(n_frames)]]

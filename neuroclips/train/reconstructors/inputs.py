"""What goes into a reconstructor in training: voxels, or ridge features out of fold, of clips drawn at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from neuroclips.errors import InputError
from neuroclips.train.engine.recipe import Turn
from neuroclips.train.reconstructors.study import Study

MEAN = 2  # in the place of a repeat: the mean of both


@dataclass(frozen=True)
class Drawn:
    """Clips (n,), repeats (n,) and row numbers (n,) in the whole batch, of one subject and process."""

    clips: Tensor
    repeats: Tensor
    rows: Tensor


class Inputs:
    """Inputs of every subject; array : (n_clips, 2, n_voxels), or (n_clips, 3, ridge_dim) with the mean in place 2."""

    def __init__(self, study: Study, arrays: dict[int, np.ndarray], mean_repeat: bool):
        self.study, self.arrays, self.n_kinds = study, arrays, 3 if mean_repeat else 2

    def draw(self, turn: Turn) -> dict[int, Drawn]:
        """An equal share of the batch for every subject, no clip twice while there are enough of them.

        Raises InputError when the batch cannot be shared.
        """
        parts = len(self.arrays) * turn.n_processes
        if turn.size % parts:
            raise InputError(
                f"got batches of {turn.size} for {len(self.arrays)} subjects on {turn.n_processes} processes, expected "
                f"a multiple of {parts}: set --batch-size"
            )
        share, drawn = turn.size // len(self.arrays), {}
        for i, subject in enumerate(self.arrays):
            train = self.study.train
            order = torch.randperm(len(train), generator=turn.generator)
            clips = train[order[torch.arange(share) % len(train)]]
            repeats = torch.randint(self.n_kinds, (share,), generator=turn.generator)
            rows = torch.arange(i * share, (i + 1) * share)
            drawn[subject] = Drawn(clips, repeats, rows)
        return drawn

    def read(self, subject: int, clips: Tensor, repeats: Tensor) -> Tensor:
        """(n, d) float32."""
        array = self.arrays[subject]
        if array.shape[1] > MEAN:
            return rows_of(array, clips, repeats)
        rows = rows_of(array, clips)  # (n, 2, d)
        rows = torch.cat([rows, rows.mean(1, keepdim=True)], 1)
        return rows[torch.arange(len(clips)), repeats]

    def validation(self, subject: int) -> Tensor:
        """Means of both repeats of the validation clips, (n, d)."""
        clips = self.study.validation
        return self.read(subject, clips, torch.full_like(clips, MEAN))


def rows_of(array: np.ndarray, *index: Tensor) -> Tensor:
    """Rows of a mapped array at index tensors, float32."""
    return torch.from_numpy(np.array(array[tuple(i.numpy() for i in index)], np.float32))

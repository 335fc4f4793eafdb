"""Who is decoded, from which data, into the space of which zoo; and which clips choose instead of teach."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import torch
from torch import Tensor

from neuroclips.data.training import TrainingSet, open_training
from neuroclips.errors import InputError
from neuroclips.preprocessing.layout import N_SAMPLES, TR, n_validation
from neuroclips.ranges import Checked, Range
from neuroclips.zoo import Zoo, zoo_named

Minutes = Annotated[float, Range(2, 10**4)]  # [min]; where there are few films, folds are minutes, and it takes two


@dataclass(frozen=True)
class Study(Checked):
    """The last ninth of the training films (two of 18, at least one) are the validation films: they choose penalties,
    checkpoints and settings, and nothing is fitted on them. No test clip chooses anything.

    minutes limits the training clips to the first ones [min].
    """

    data: TrainingSet
    subjects: tuple[int, ...]
    zoo: Zoo = field(default_factory=zoo_named)
    minutes: Minutes | None = None

    def __post_init__(self):
        super().__post_init__()
        there = len(self.all_train) * TR / 60
        if self.minutes is not None and self.minutes > there:
            raise InputError(f"got {self.minutes:g} minutes, expected at most {there:g}: these films have no more")

    @property
    def key(self) -> str:
        return f"{self.data.name}-{self.data.key}-{self.zoo.name}"

    @property
    def n_validation_films(self) -> int:
        return n_validation(self.data.n_films)

    @property
    def all_train(self) -> Tensor:
        """Clips of the films that are trained on."""
        return torch.arange((self.data.n_films - self.n_validation_films) * N_SAMPLES)

    @property
    def train(self) -> Tensor:
        """Clips that are trained on."""
        return self.all_train if self.minutes is None else self.all_train[: round(self.minutes * 60 / TR)]

    @property
    def validation(self) -> Tensor:
        """Clips that choose."""
        return torch.arange(len(self.all_train), self.data.n_films * N_SAMPLES)

    def groups(self) -> Tensor:
        """Group (n_train,) of each training clip: its film, or its minute where there are fewer than four films."""
        length = N_SAMPLES if len(self.train) >= 4 * N_SAMPLES else round(60 / TR)
        return self.train // length


def open_study(
    dataset: str,
    source: Path | None,
    subjects: tuple[int, ...],
    zoo: Zoo,
    minutes: float | None = None,
    stimuli: Path | None = None,
) -> Study:
    """Open the data and make sure that every subject is in it. Raises InputError with what there is."""
    study = Study(open_training(dataset, source, stimuli), subjects, zoo, minutes)
    for subject in subjects:
        study.data.fmri(subject)
    return study

"""What may be learnt from: the training films of a dataset, their captions, and the fMRI of whoever watched them.

Training code knows datasets through this file alone, and nothing here opens the fMRI or the films of a test clip.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from torch import Tensor

from neuroclips.data.cc2017 import REVISION, Cc2017TrainingFiles
from neuroclips.data.preprocessed import subject_homes
from neuroclips.data.samples import refuse_not_finite, refuse_other_types
from neuroclips.data.simulated import frames, is_made
from neuroclips.errors import InputError
from neuroclips.paths import CACHE_VERSION, cache_dir
from neuroclips.preprocessing.layout import N_SAMPLES, REPEATS, kind_of
from neuroclips.preprocessing.meta import read_meta
from neuroclips.reading import read_array
from neuroclips.simulation import shots
from neuroclips.simulation.simulate import simulate
from neuroclips.simulation.subjects import subject_name

N_FRAMES = 6  # of a clip, 3 fps


class TrainingSet(Protocol):
    """Training clips, film after film; clip numbers count through all of them."""

    name: str
    key: str  # changes with the films
    n_films: int

    def fmri(self, subject: int) -> np.ndarray:
        """(n_clips, 2, n_voxels) float32, mapped from disk. Raises InputError with the subjects that there are."""

    def frames(self, clip: int) -> Tensor:
        """(6, 3, H, W) in [0, 1]."""

    def captions(self, clip: int) -> list[str]:
        """Six sentences, each about what its own frame shows; where a clip has one caption, six times that one."""

    def label(self, clip: int) -> str:
        """The class of the main object. Raises InputError where classes are not known."""


class ArraysTraining:
    """What `simulate` or `preprocess` wrote. Measured data take frames and captions from the authors' hub files."""

    def __init__(self, folder: Path, stimuli: Path | None = None):
        self._homes = subject_homes(folder)
        meta = read_meta(next(iter(self._homes.values())))
        self._films = [f for f in meta["films"] if kind_of(f)[0] == "train"]
        self.n_films, self.simulated = len(self._films), meta.get("dataset") == "simulated"
        if self.n_films < 2:
            raise InputError(f"got training films {self._films} in {folder}, expected two: one is for validation")
        self._looked_through: set[int] = set()  # subjects whose samples are known to be finite
        self.name = "simulated" if self.simulated else "cc2017"
        self.key = f"{CACHE_VERSION if self.simulated else REVISION[:8]}-{'-'.join(f[3:] for f in self._films)}"
        if self.simulated and stimuli is not None:
            raise InputError(
                f"got --stimuli for the simulated data in {folder}, expected it for measured ones: leave it out"
            )
        self._stimuli = None if self.simulated else Cc2017TrainingFiles(stimuli)

    def fmri(self, subject: int) -> np.ndarray:
        if subject not in self._homes:
            raise InputError(f"got subject {subject}, expected one of {', '.join(map(str, sorted(self._homes)))}")
        home = self._homes[subject]
        path = home / "train_fmri.npy"
        expected = (self.n_films * N_SAMPLES, REPEATS["train"], read_meta(home)["n_voxels"])
        array = read_array(path, mapped=True)
        if array.shape != expected:
            raise InputError(f"{path}: got shape {array.shape}, expected {expected}: build it again")
        refuse_other_types(path, array)
        if subject not in self._looked_through:
            refuse_not_finite(path, array)
            self._looked_through.add(subject)
        return array

    def _place(self, clip: int) -> tuple[int, int]:
        """Number of the film among all training films, and TR in it."""
        film, tr = divmod(clip, N_SAMPLES)
        return kind_of(self._films[film])[1], tr

    def frames(self, clip: int) -> Tensor:
        film, tr = self._place(clip)
        if self._stimuli is None:
            return frames("train", film, tr, N_FRAMES)
        return self._stimuli.frames(film * N_SAMPLES + tr)

    def captions(self, clip: int) -> list[str]:
        film, tr = self._place(clip)
        if self._stimuli is None:
            return [shots.shot_at("train", film, (tr + i / N_FRAMES) * shots.TR).caption for i in range(N_FRAMES)]
        return N_FRAMES * [self._stimuli.caption(film * N_SAMPLES + tr)]

    def label(self, clip: int) -> str:
        if not self.simulated:
            raise InputError("got measured data, expected simulated ones: classes of cc2017 are not published")
        film, tr = self._place(clip)
        return shots.shot_at("train", film, (tr + 0.5) * shots.TR).name


class SimulatedTraining(ArraysTraining):
    """The simulated dataset in the user's cache, made when it is not there, or in the folder of `simulate --out`."""

    def __init__(self, folder: Path | None = None, stimuli: Path | None = None):
        self._in_cache = folder is None
        super().__init__(folder or self._any_in_cache())

    @staticmethod
    def _any_in_cache() -> Path:
        made = next(filter(is_made, (1, 2, 3, 0)), None)
        if made is None:
            simulate([made := 1])
        return cache_dir("simulated") / subject_name(made)

    def fmri(self, subject: int) -> np.ndarray:
        if self._in_cache:
            if not is_made(subject):  # never, or damaged since
                simulate([subject])
            self._homes[subject] = cache_dir("simulated") / subject_name(subject)
        return super().fmri(subject)


class HubTraining:
    """The authors' preprocessed cc2017 files."""

    name, key = "cc2017", f"{REVISION[:8]}-all"

    def __init__(self, folder: Path | None = None, stimuli: Path | None = None):
        self._stimuli = Cc2017TrainingFiles(folder)
        self.n_films = self._stimuli.layout.n_train // N_SAMPLES

    def fmri(self, subject: int) -> np.ndarray:
        return self._stimuli.fmri(subject)

    def frames(self, clip: int) -> Tensor:
        return self._stimuli.frames(clip)

    def captions(self, clip: int) -> list[str]:
        return N_FRAMES * [self._stimuli.caption(clip)]

    def label(self, clip: int) -> str:
        raise InputError("got cc2017, expected simulated data: classes of cc2017 are not published")


TRAINING_SETS = {"simulated": SimulatedTraining, "preprocessed": ArraysTraining, "cc2017": HubTraining}


def open_training(name: str = "simulated", source: Path | None = None, stimuli: Path | None = None) -> TrainingSet:
    """Open what may be learnt from; `source` is the dataset's folder, `stimuli` that of the authors' hub files.

    Raises InputError with the known names, MissingError for folders that hold no finished dataset.
    """
    if name not in TRAINING_SETS:
        raise InputError(f"got dataset {name!r} to train on, expected one of: {', '.join(TRAINING_SETS)}")
    if source is None and name == "preprocessed":
        raise InputError("dataset preprocessed needs its folder: pass it with --source")
    return TRAINING_SETS[name](source, stimuli)

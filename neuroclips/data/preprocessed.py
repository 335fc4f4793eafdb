"""What `preprocess` and `simulate` write, read back: one folder, or one folder per subject."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from torch import Tensor

from neuroclips.data.base import DatasetInfo, as_voxels, check
from neuroclips.data.simulated import frames
from neuroclips.errors import InputError, MissingError
from neuroclips.preprocessing.build import is_complete, read_meta
from neuroclips.preprocessing.layout import N_SAMPLES, REPEATS, TR, kind_of
from neuroclips.types import FmriSample


class PreprocessedDataset:
    """Arrays on disk, mapped, not read. Raises MissingError for folders that were not written to their end."""

    def __init__(self, folder: Path):
        self._homes = subject_homes(folder)
        self._meta = {s: read_meta(home) for s, home in self._homes.items()}
        first = next(iter(self._meta.values()))
        self._films = {kind: [f for f in first["films"] if kind_of(f)[0] == kind] for kind in REPEATS}
        counts = {s: meta["n_voxels"] for s, meta in self._meta.items()}
        sizes = {kind: N_SAMPLES * len(films) for kind, films in self._films.items()}
        self.info = DatasetInfo(
            "preprocessed",
            counts,
            sizes["test"],
            sizes["train"],
            tr=first["tr"],
            has_stimuli=first.get("dataset") == "simulated",
        )
        self._arrays = {s: self._open(s, home) for s, home in self._homes.items()}

    def _open(self, subject: int, home: Path) -> dict[str, np.ndarray]:
        self.info.expect(f"{home}/meta.json: TR [s]", self._meta[subject]["tr"], TR)
        self.info.expect(
            f"{home}/meta.json: films", self._meta[subject]["films"], next(iter(self._meta.values()))["films"]
        )
        arrays = {kind: np.load(home / f"{kind}_fmri.npy", mmap_mode="r") for kind in REPEATS}
        for kind, clips in (("train", self.info.n_train), ("test", self.info.n_clips)):
            shape = (clips, REPEATS[kind], self.info.n_voxels[subject])
            self.info.expect(f"{home}/{kind}_fmri.npy", arrays[kind].shape, shape)
        arrays["vertex_index"] = np.load(home / "vertex_index.npy")
        self.info.expect(f"{home}/vertex_index.npy", arrays["vertex_index"].shape, (self.info.n_voxels[subject],))
        return arrays

    def sample(self, subject: int, clip: int) -> FmriSample:
        """The mean over the showings of one test clip that exist."""
        check(self.info, subject, clip)
        return FmriSample(as_voxels(np.nanmean(self._arrays[subject]["test"][clip], 0)), subject, clip)

    def vertex_index(self, subject: int) -> np.ndarray:
        """(n_voxels,) rows among the 59,412 cortical grayordinates."""
        check(self.info, subject)
        return self._arrays[subject]["vertex_index"]

    def stimulus(self, clip: int, n_frames: int) -> Tensor:
        """The true frames (n_frames, 3, 96, 96) of a simulated test clip. Raises InputError for real ones."""
        check(self.info, next(iter(self.info.n_voxels)), clip)
        if not self.info.has_stimuli:
            raise InputError("this dataset holds fMRI alone: its films are not there to compare with")
        film, tr = divmod(clip, N_SAMPLES)
        return frames(*kind_of(self._films["test"][film]), tr, n_frames)


def subject_homes(folder: Path) -> dict[int, Path]:
    """The folders of finished datasets by subject, one per subject below `folder` or `folder` itself.

    Raises MissingError when there are none.
    """
    homes = [home for home in (Path(folder), *sorted(Path(folder).glob("*"))) if is_complete(home)]
    if not homes:
        raise MissingError(f"no finished dataset (meta.json) in {folder}: run simulate --out or preprocess")
    return {_subject_of(home): home for home in homes}


def _subject_of(home: Path) -> int:
    """The number in meta.json's subject, such as 1 for "subject1"; 0 for "null"."""
    number = re.search(r"\d+", str(read_meta(home)["subject"]))
    return int(number.group()) if number else 0

"""What `preprocess` and `simulate` write, read back: one folder, or one folder per subject."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from torch import Tensor

from neuroclips.data.base import DatasetInfo, as_voxels, check, checked_vertex_index
from neuroclips.data.simulated import frames
from neuroclips.errors import InputError, MissingError
from neuroclips.preprocessing.layout import N_SAMPLES, REPEATS, TR, kind_of
from neuroclips.preprocessing.meta import is_complete, read_meta
from neuroclips.reading import read_array
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
        simulated = first.get("dataset") == "simulated"
        self.info = DatasetInfo(
            "preprocessed",
            counts,
            sizes["test"],
            sizes["train"],
            tr=first["tr"],
            has_stimuli=simulated,
            scripted=tuple(kind_of(film) for film in self._films["test"]) if simulated else (),
        )
        self._arrays = {s: self._open(s, home) for s, home in self._homes.items()}

    def _open(self, subject: int, home: Path) -> dict[str, np.ndarray]:
        self.info.expect(f"{home}/meta.json: TR [s]", self._meta[subject]["tr"], TR)
        first = next(iter(self._meta.values()))
        for name in ("films", "dataset"):
            self.info.expect(f"{home}/meta.json: {name}", self._meta[subject].get(name), first.get(name))
        arrays = {kind: read_array(home / f"{kind}_fmri.npy", mapped=True) for kind in REPEATS}
        for kind, clips in (("train", self.info.n_train), ("test", self.info.n_clips)):
            shape = (clips, REPEATS[kind], self.info.n_voxels[subject])
            self.info.expect(f"{home}/{kind}_fmri.npy", arrays[kind].shape, shape)
            if arrays[kind].dtype.kind != "f":
                got = arrays[kind].dtype
                raise InputError(f"{home}/{kind}_fmri.npy: got values of type {got}, expected float32: build it again")
        path = home / "vertex_index.npy"
        arrays["vertex_index"] = checked_vertex_index(path, read_array(path), self.info.n_voxels[subject])
        return arrays

    def sample(self, subject: int, clip: int) -> FmriSample:
        """The mean over the showings of one test clip that exist. Raises InputError for arrays that are damaged."""
        check(self.info, subject, clip)
        repeats = self._arrays[subject]["test"][clip]  # (10, n_voxels)
        refuse_damaged(f"{self._homes[subject]}/test_fmri.npy: clip {clip}", repeats)
        return FmriSample(as_voxels(np.nanmean(repeats, 0)), subject, clip)

    def vertex_index(self, subject: int) -> np.ndarray:
        """(n_voxels,) rows among the 59,412 cortical grayordinates."""
        check(self.info, subject)
        return self._arrays[subject]["vertex_index"]

    def stimulus(self, clip: int, n_frames: int) -> Tensor:
        """The true frames (n_frames, 3, H, W) of a simulated test clip. Raises InputError for real ones."""
        check(self.info, next(iter(self.info.n_voxels)), clip)
        if not self.info.has_stimuli:
            raise InputError("this dataset holds fMRI alone: its films are not there to compare with")
        film, tr = divmod(clip, N_SAMPLES)
        return frames(*kind_of(self._films["test"][film]), tr, n_frames)


def subject_homes(folder: Path) -> dict[int, Path]:
    """The folders of finished datasets by subject, one per subject below `folder` or `folder` itself.

    Raises MissingError when there are none.
    """
    homes: dict[int, Path] = {}
    for home in (Path(folder), *sorted(Path(folder).glob("*"))):
        if is_complete(home):
            subject = _subject_of(home)
            if subject in homes:
                raise InputError(f"{folder}: got subject {subject} in {homes[subject]} and {home}, expected it once")
            homes[subject] = home
    if not homes:
        raise MissingError(f"no finished dataset (meta.json) in {folder}: run simulate --out or preprocess")
    return homes


def refuse_damaged(where: str, repeats: np.ndarray) -> None:
    """Raises InputError for showings (n_repeats, n_voxels) of which one is not finite, or none is there.

    A showing that is missing is NaN in all of its voxels.
    """
    there, missing = np.isfinite(repeats).all(-1), np.isnan(repeats).all(-1)  # (n_repeats,)
    if not (there | missing).all():
        raise InputError(f"{where}: got values that are not numbers, expected none: build it again")
    if missing.all():
        raise InputError(f"{where}: got no showing, expected one at least: build it again")


def _subject_of(home: Path) -> int:
    """The number in meta.json's subject, such as 1 for "subject1"; 0 for "null"."""
    number = re.search(r"\d+", str(read_meta(home)["subject"]))
    return int(number.group()) if number else 0

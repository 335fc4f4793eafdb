"""A visitor's own file: .npy, .npz, NIfTI with a mask, or a CIFTI dtseries or GIFTI pair with a vertex index."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from torch import Tensor

from neuroclips.data.base import DatasetInfo, as_voxels, check, checked_vertex_index
from neuroclips.data.samples import as_samples, standardised
from neuroclips.data.surfaces import read_surfaces
from neuroclips.data.volumes import read_volumes
from neuroclips.errors import InputError
from neuroclips.preprocessing.cifti import read_run
from neuroclips.reading import array_names, plain_file, read_array, read_arrays
from neuroclips.types import FmriSample


class FileDataset:
    """Samples of one subject, one per row or volume of one run; there are no films to compare with.

    vertex_index : rows among the 59,412 cortical vertices, an array or the path of a .npy; mask : path of a NIfTI mask.
    Arrays are taken as z-scored samples; volumes of NIfTI, CIFTI and GIFTI files are detrended and z-scored here.
    Raises InputError that name the file, what was got and what was expected.
    """

    def __init__(self, path: Path, vertex_index=None, mask: Path | None = None, subject: int = 1):
        self.path = plain_file(Path(path), "fMRI")
        self._samples, index = _read(self.path, _given(self.path, vertex_index), mask)
        n_voxels = self._samples.shape[1]
        where = vertex_index if isinstance(vertex_index, str | Path) else self.path
        self._index = None if index is None else checked_vertex_index(where, index, n_voxels)
        n = len(self._samples)
        self.info = DatasetInfo("file", {subject: n_voxels}, n, has_stimuli=False, clips_per_run=n)

    def sample(self, subject: int, clip: int) -> FmriSample:
        check(self.info, subject, clip)
        return FmriSample(as_voxels(self._samples[clip]), subject, clip)

    def samples(self) -> np.ndarray:
        """All of them, (n_samples, n_voxels) float32."""
        return self._samples

    def stimulus(self, clip: int, n_frames: int) -> Tensor:
        """Always raises ValueError: a visitor's file has no films."""
        raise InputError(f"{self.path} holds fMRI alone: its films are not there to compare with")

    def vertex_index(self, subject: int) -> np.ndarray:
        """(n_voxels,) rows among the 59,412 cortical vertices. Raises InputError where none was given."""
        check(self.info, subject)
        if self._index is None:
            raise InputError(f"{self.path} came without a vertex index: pass one to see maps")
        return self._index


def _given(path: Path, vertex_index) -> np.ndarray | None:
    """The vertex index that came beside a file, of whatever length."""
    if vertex_index is None:
        return None
    if isinstance(vertex_index, str | Path):
        return checked_vertex_index(vertex_index, read_array(Path(vertex_index)))
    return checked_vertex_index(path, vertex_index)


def _read(path: Path, index: np.ndarray | None, mask: Path | None) -> tuple[np.ndarray, np.ndarray | None]:
    reader = next((r for suffix, r in _READERS.items() if path.name.lower().endswith(suffix)), None)
    if reader is None:
        raise InputError(f"got {path.name}, expected one of: {', '.join(_READERS)}")
    if mask is not None and reader is not _read_nifti:
        raise InputError(f"{path}: got the mask {mask} with it, expected none: masks are for NIfTI files")
    return reader(path, index, mask)


def _read_npy(path: Path, index: np.ndarray | None, mask: Path | None):
    return as_samples(path, read_array(path, mapped=True)), index


def _read_npz(path: Path, index: np.ndarray | None, mask: Path | None):
    names = array_names(path)
    others = [name for name in names if name != "vertex_index"]
    if "fmri" not in names and len(others) != 1:
        raise InputError(f"{path}: got arrays {', '.join(others) or 'none'}, expected one called fmri")
    fmri = "fmri" if "fmri" in names else others[0]
    stored = read_arrays(path, {fmri, *(["vertex_index"] if index is None and len(others) < len(names) else [])})
    return as_samples(path, stored[fmri]), stored.get("vertex_index", index)


def _read_cifti(path: Path, index: np.ndarray | None, mask: Path | None):
    if index is None:
        raise InputError(f"{path}: got a CIFTI file without a vertex index, expected the vertices that the model reads")
    return standardised(path, read_run(path, index)), index


def _read_gifti(path: Path, index: np.ndarray | None, mask: Path | None):
    if index is None:
        raise InputError(f"{path}: got a GIFTI file without a vertex index, expected the vertices that the model reads")
    return standardised(path, read_surfaces(path)[:, index]), index


def _read_nifti(path: Path, index: np.ndarray | None, mask: Path | None):
    if mask is None:
        raise InputError(f"{path}: got a NIfTI file without a mask, expected one that marks the voxels")
    return standardised(path, read_volumes(path, Path(mask))), index


_READERS = {
    ".dtseries.nii": _read_cifti,
    ".dtseries.nii.gz": _read_cifti,
    ".nii": _read_nifti,
    ".nii.gz": _read_nifti,
    ".gii": _read_gifti,
    ".npz": _read_npz,
    ".npy": _read_npy,
}

"""A visitor's own file: .npy, .npz, NIfTI with a mask, or a CIFTI dtseries with a vertex index."""

from __future__ import annotations

import zipfile
from pathlib import Path

import nibabel
import numpy as np
from nibabel.spatialimages import SpatialImage
from nilearn.masking import apply_mask
from torch import Tensor

from neuroclips.brain.cortex import N_CORTEX
from neuroclips.data.base import DatasetInfo, as_voxels, check, checked_vertex_index
from neuroclips.errors import InputError, MissingError
from neuroclips.preprocessing.cifti import read_run
from neuroclips.preprocessing.clean import detrend, zscore
from neuroclips.types import FmriSample

ENOUGH = 8  # volumes below which detrending makes no sense


class FileDataset:
    """Samples of one subject, one per row or volume; there are no films to compare with.

    vertex_index : rows among the 59,412 cortical vertices, an array or the path of a .npy; mask : path of a NIfTI mask.
    Arrays are taken as z-scored samples; volumes of NIfTI and CIFTI files are detrended and z-scored here.
    Raises InputError that name the file, what was got and what was expected.
    """

    def __init__(self, path: Path, vertex_index=None, mask: Path | None = None, subject: int = 1):
        self.path = Path(path)
        if not self.path.exists():
            raise MissingError(f"no file {self.path}")
        index = np.load(vertex_index) if isinstance(vertex_index, str | Path) else vertex_index
        self._samples, self._index = _read(self.path, index, mask)
        self._check()
        self.info = DatasetInfo("file", {subject: self._samples.shape[1]}, len(self._samples), has_stimuli=False)

    def _check(self) -> None:
        shape = self._samples.shape
        if self._samples.ndim != 2 or not self._samples.size:
            raise InputError(f"{self.path}: got an array of shape {shape}, expected (n_samples, n_voxels)")
        if not np.isfinite(self._samples).all():
            raise InputError(f"{self.path}: got values that are not numbers, expected none")
        if self._index is None:
            return
        if len(self._index) != shape[1]:
            raise InputError(f"{self.path}: got a vertex index of {len(self._index)}, expected {shape[1]}")
        _check_index(self.path, self._index)

    def sample(self, subject: int, clip: int) -> FmriSample:
        check(self.info, subject, clip)
        return FmriSample(as_voxels(self._samples[clip]), subject, clip)

    def stimulus(self, clip: int, n_frames: int) -> Tensor:
        """Always raises ValueError: a visitor's file has no films."""
        raise InputError(f"{self.path} holds fMRI alone: its films are not there to compare with")

    def vertex_index(self, subject: int) -> np.ndarray:
        """(n_voxels,) rows among the 59,412 cortical vertices. Raises InputError where none was given."""
        check(self.info, subject)
        if self._index is None:
            raise InputError(f"{self.path} came without a vertex index: pass one to see maps")
        return self._index


def _read(path: Path, index: np.ndarray | None, mask: Path | None) -> tuple[np.ndarray, np.ndarray | None]:
    reader = next((r for suffix, r in _READERS.items() if path.name.endswith(suffix)), None)
    if reader is None:
        raise InputError(f"got {path.name}, expected one of: {', '.join(_READERS)}")
    try:
        return reader(path, index, mask)
    except InputError:
        raise
    except ValueError as error:
        raise InputError(f"{path}: got a file that does not read, expected an array of numbers") from error
    except (EOFError, OSError, zipfile.BadZipFile, nibabel.filebasedimages.ImageFileError) as error:
        raise InputError(f"{path}: got a file that does not read ({error}), expected a whole one") from error


def _read_npy(path: Path, index: np.ndarray | None, mask: Path | None):
    return _samples(np.load(path)), index


def _read_npz(path: Path, index: np.ndarray | None, mask: Path | None):
    with np.load(path) as stored:
        names = [n for n in stored.files if n != "vertex_index"]
        if "fmri" not in names and len(names) != 1:
            raise InputError(f"{path}: got arrays {', '.join(stored.files) or 'none'}, expected one called fmri")
        given = stored["vertex_index"] if index is None and "vertex_index" in stored else index
        return _samples(stored["fmri" if "fmri" in names else names[0]]), given


def _read_cifti(path: Path, index: np.ndarray | None, mask: Path | None):
    if index is None:
        raise InputError(f"{path}: got a CIFTI file without a vertex index, expected the vertices that the model reads")
    index = checked_vertex_index(path, index)
    return _standardised(read_run(path, index), path), index


def _read_nifti(path: Path, index: np.ndarray | None, mask: Path | None):
    if mask is None:
        raise InputError(f"{path}: got a NIfTI file without a mask, expected one that marks the voxels")
    image, marked = _volumes(path), _volumes(mask)
    if image.ndim != 4 or image.shape[:3] != marked.shape[:3]:
        raise InputError(
            f"{path}: got shape {image.shape}, expected 4 dimensions that begin with the mask's {marked.shape[:3]}"
        )
    return _standardised(apply_mask(image, marked), path), index


def _volumes(path: Path) -> SpatialImage:
    image = nibabel.load(path)
    if not isinstance(image, SpatialImage):
        raise InputError(f"{path}: got a {type(image).__name__}, expected a NIfTI volume")
    return image


_READERS = {
    ".dtseries.nii": _read_cifti,
    ".dtseries.nii.gz": _read_cifti,
    ".nii": _read_nifti,
    ".nii.gz": _read_nifti,
    ".npz": _read_npz,
    ".npy": _read_npy,
}


def _check_index(path: Path, index: np.ndarray) -> None:
    if not len(index) or not np.issubdtype(index.dtype, np.integer) or not 0 <= index.min() <= index.max() < N_CORTEX:
        raise InputError(f"{path}: got a vertex index that is not all whole numbers, expected 0 to {N_CORTEX - 1}")


def _samples(array: np.ndarray) -> np.ndarray:
    """(n_voxels,), (n_samples, n_voxels) or (n_samples, n_repeats, n_voxels) as (n_samples, n_voxels)."""
    array = np.asarray(array, np.float32)
    return array[None] if array.ndim == 1 else np.nanmean(array, 1) if array.ndim == 3 else array


def _standardised(volumes: np.ndarray, path: Path) -> np.ndarray:
    if len(volumes) < ENOUGH:
        raise InputError(f"{path}: got {len(volumes)} volumes, expected a run of at least {ENOUGH} to z-score over")
    return zscore(detrend(volumes.astype(np.float64))).astype(np.float32)

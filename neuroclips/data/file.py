"""A visitor's own file: .npy, .npz, NIfTI with a mask, or a CIFTI dtseries with a vertex index."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
from nilearn.masking import apply_mask
from torch import Tensor

from neuroclips.brain.cortex import N_CORTEX
from neuroclips.data.base import DatasetInfo, as_voxels, check
from neuroclips.data.cifti import read_run
from neuroclips.data.preprocess import detrend, zscore
from neuroclips.types import FmriSample

ENOUGH = 8  # volumes below which detrending makes no sense


class FileDataset:
    """Samples of one subject, one per row or volume; there are no films to compare with.

    vertex_index : rows among the 59,412 cortical vertices, an array or the path of a .npy; mask : path of a NIfTI mask.
    Arrays are taken as z-scored samples; volumes of NIfTI and CIFTI files are detrended and z-scored here.
    Raises ValueError or FileNotFoundError that name the file, what was got and what was expected.
    """

    def __init__(self, path: Path, vertex_index=None, mask: Path | None = None, subject: int = 1):
        self.path = Path(path)
        if not self.path.exists():
            raise FileNotFoundError(f"no file {self.path}")
        index = np.load(vertex_index) if isinstance(vertex_index, str | Path) else vertex_index
        self._samples, self._index = _read(self.path, index, mask)
        self._check()
        self.info = DatasetInfo("file", {subject: self._samples.shape[1]}, len(self._samples), has_stimuli=False)

    def _check(self) -> None:
        shape = self._samples.shape
        if self._samples.ndim != 2 or not self._samples.size:
            raise ValueError(f"{self.path}: got an array of shape {shape}, expected (n_samples, n_voxels)")
        if not np.isfinite(self._samples).all():
            raise ValueError(f"{self.path}: got values that are not numbers, expected none")
        if self._index is None:
            return
        if len(self._index) != shape[1] or not np.issubdtype(self._index.dtype, np.integer):
            raise ValueError(
                f"{self.path}: got a vertex index of {len(self._index)}, expected {shape[1]} whole numbers"
            )
        if len(self._index) and not 0 <= self._index.min() <= self._index.max() < N_CORTEX:
            raise ValueError(
                f"got vertex indices {self._index.min()} to {self._index.max()}, expected 0 to {N_CORTEX - 1}"
            )

    def sample(self, subject: int, clip: int) -> FmriSample:
        check(self.info, subject, clip)
        return FmriSample(as_voxels(self._samples[clip]), subject, clip)

    def stimulus(self, clip: int, n_frames: int) -> Tensor:
        """Always raises ValueError: a visitor's file has no films."""
        raise ValueError(f"{self.path} holds fMRI alone: its films are not there to compare with")

    def vertex_index(self, subject: int) -> np.ndarray:
        """(n_voxels,) rows among the 59,412 cortical vertices. Raises ValueError where none was given."""
        check(self.info, subject)
        if self._index is None:
            raise ValueError(f"{self.path} came without a vertex index: pass one to see maps")
        return self._index


def _read(path: Path, index: np.ndarray | None, mask: Path | None) -> tuple[np.ndarray, np.ndarray | None]:
    if path.name.endswith(".dtseries.nii"):
        if index is None:
            raise ValueError(
                f"{path}: got a CIFTI file without a vertex index, expected the vertices that the model reads"
            )
        return _standardised(read_run(path)[:, index], path), index
    if path.name.endswith((".nii", ".nii.gz")):
        if mask is None:
            raise ValueError(f"{path}: got a NIfTI file without a mask, expected one that marks the voxels")
        return _standardised(_masked(path, Path(mask)), path), index
    if path.suffix == ".npz":
        with np.load(path) as stored:
            name = "fmri" if "fmri" in stored else stored.files[0]
            return _samples(stored[name]), stored[
                "vertex_index"
            ] if index is None and "vertex_index" in stored else index
    if path.suffix == ".npy":
        return _samples(np.load(path)), index
    raise ValueError(f"got {path.name}, expected .npy, .npz, .nii, .nii.gz or .dtseries.nii")


def _masked(path: Path, mask: Path) -> np.ndarray:
    image, marked = nibabel.load(path), nibabel.load(mask)
    if image.ndim != 4 or image.shape[:3] != marked.shape[:3]:
        raise ValueError(
            f"{path}: got shape {image.shape}, expected 4 dimensions that begin with the mask's {marked.shape[:3]}"
        )
    return apply_mask(image, marked)


def _samples(array: np.ndarray) -> np.ndarray:
    """(n_voxels,), (n_samples, n_voxels) or (n_samples, n_repeats, n_voxels) as (n_samples, n_voxels)."""
    array = np.asarray(array, np.float32)
    return array[None] if array.ndim == 1 else np.nanmean(array, 1) if array.ndim == 3 else array


def _standardised(volumes: np.ndarray, path: Path) -> np.ndarray:
    if len(volumes) < ENOUGH:
        raise ValueError(f"{path}: got {len(volumes)} volumes, expected a run of at least {ENOUGH} to z-score over")
    return zscore(detrend(volumes.astype(np.float64))).astype(np.float32)

"""NIfTI runs through a mask, volume by volume: whatever does not fit is told, of the run or of the mask."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path

import nibabel
import numpy as np

from neuroclips.data.timing import refuse_other_tr
from neuroclips.errors import InputError
from neuroclips.reading import naming, plain_file, refuse_beyond_memory

RUN, MASK = "a NIfTI run of one number per voxel", "a NIfTI mask of the run"
GZIP, NIFTI2 = b"\x1f\x8b", (540).to_bytes(4, "little")  # how files begin


def read_volumes(path: Path, mask: Path) -> np.ndarray:
    """The voxels of a run inside a mask, (n_volumes, n_voxels) float32, in the order of the mask's array.

    Raises InputError, with the name of the run or of the mask, for other shapes, places, kinds of values and TR.
    Values may still not be finite.
    """
    with _opened(path, RUN) as image:
        if len(image.shape) != 4:
            raise InputError(f"{path}: got shape {image.shape}, expected 4 dimensions, the last of them time")
        refuse_other_tr(path, float(image.header["pixdim"][4]), _unit(image.header))
        inside = _read_mask(mask, path, image)
        n_volumes, n_voxels = image.shape[3], int(inside.sum())
        refuse_beyond_memory(path, 4 * n_volumes * n_voxels + 16 * inside.size)
        voxels = np.empty((n_volumes, n_voxels), np.float32)
        with naming(path, RUN), np.errstate(over="ignore"):  # becomes inf, which is told
            for i in range(n_volumes):
                voxels[i] = np.asarray(image.dataobj[..., i])[inside]
    return voxels


@contextmanager
def _opened(path: Path, expected: str) -> Iterator[nibabel.Nifti1Image]:
    """A NIfTI image whose values are not read yet; when the block ends, the check sum of a .gz is looked at."""
    with plain_file(path, expected).open("rb") as file:
        packed = file.read(2) == GZIP
    with gzip.open(path, "rb") if packed else path.open("rb") as stream:
        with naming(path, expected):
            kind = nibabel.Nifti2Image if stream.read(4) in (NIFTI2, NIFTI2[::-1]) else nibabel.Nifti1Image
            stream.seek(0)
            image = kind.from_stream(stream)
        _refuse_no_numbers(path, image, expected)
        yield image
        with naming(path, expected):
            stream.read(1)


def _refuse_no_numbers(path: Path, image: nibabel.Nifti1Image, expected: str) -> None:
    values = image.get_data_dtype()
    if values.kind not in "iuf":  # colours are records
        raise InputError(f"{path}: got values of type {values}, expected {expected}")
    if len(image.shape) > 4 or min(image.shape, default=0) < 1:
        advice = ": the name of a CIFTI file ends in .dtseries.nii" if len(image.shape) > 4 else ""
        raise InputError(f"{path}: got shape {image.shape}, expected {expected}{advice}")
    if not np.isfinite(image.affine).all():
        raise InputError(f"{path}: got an affine that is not finite, expected {expected}")


def _unit(header: nibabel.Nifti1Header) -> str:
    """The unit of time by its name."""
    code = int(header["xyzt_units"]) & 0b111000
    return {8: "sec", 16: "msec", 24: "usec"}.get(code, "unknown")


def _read_mask(path: Path, run: Path, image: nibabel.Nifti1Image) -> np.ndarray:
    """The voxels (x, y, z) that a mask marks, bool."""
    with _opened(path, MASK) as marks:
        shape = marks.shape[:3] if marks.shape[3:] == (1,) else marks.shape
        if shape != image.shape[:3]:
            raise InputError(
                f"{path}: got a mask of shape {marks.shape}, expected {image.shape[:3]}, that of {run.name}"
            )
        if not np.allclose(marks.affine, image.affine, atol=1e-3):
            raise InputError(f"{path}: got a mask with another affine than {run.name}, expected the same: resample it")
        refuse_beyond_memory(path, 16 * prod(shape))
        with naming(path, MASK):
            values = np.asarray(marks.dataobj).reshape(shape)
    return _marked(path, values)


def _marked(path: Path, values: np.ndarray) -> np.ndarray:
    if not np.isfinite(values).all():
        raise InputError(f"{path}: got a mask with NaN or infinite values, expected 0 outside and 1 inside")
    inside = values != 0
    if not inside.any():
        raise InputError(f"{path}: got a mask of zeros, expected 1 inside")
    if len(kinds := np.unique(values[inside])) > 1:
        raise InputError(
            f"{path}: got a mask of {len(kinds) + (not inside.all())} different values, expected 0 outside and 1 "
            "inside: choose one region"
        )
    return inside

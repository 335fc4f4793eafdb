"""CIFTI runs in and out: the one home of nibabel's CIFTI classes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import nibabel
import numpy as np
from nibabel.cifti2 import BrainModelAxis, SeriesAxis

from neuroclips.brain.cortex import N_CORTEX, load_cortex
from neuroclips.errors import InputError
from neuroclips.preprocessing.layout import N_GRAYORDINATES, TR

DENSE_SERIES = 3002  # the NIfTI intent of a dtseries
CORTEX = ("CIFTI_STRUCTURE_CORTEX_LEFT", "CIFTI_STRUCTURE_CORTEX_RIGHT")
# voxels of every structure below the cortex in the HCP's 91,282 grayordinates (Glasser et al. 2013)
SUBCORTEX = {
    "ACCUMBENS_LEFT": 135,
    "ACCUMBENS_RIGHT": 140,
    "AMYGDALA_LEFT": 315,
    "AMYGDALA_RIGHT": 332,
    "BRAIN_STEM": 3472,
    "CAUDATE_LEFT": 728,
    "CAUDATE_RIGHT": 755,
    "CEREBELLUM_LEFT": 8709,
    "CEREBELLUM_RIGHT": 9144,
    "DIENCEPHALON_VENTRAL_LEFT": 706,
    "DIENCEPHALON_VENTRAL_RIGHT": 712,
    "HIPPOCAMPUS_LEFT": 764,
    "HIPPOCAMPUS_RIGHT": 795,
    "PALLIDUM_LEFT": 297,
    "PALLIDUM_RIGHT": 260,
    "PUTAMEN_LEFT": 1060,
    "PUTAMEN_RIGHT": 1010,
    "THALAMUS_LEFT": 1288,
    "THALAMUS_RIGHT": 1248,
}
assert N_CORTEX + sum(SUBCORTEX.values()) == N_GRAYORDINATES


class RunError(InputError):
    """A run that cannot be used; the message names the file, what was got and what was expected."""


def read_run(path: Path) -> np.ndarray:
    """The cortical rows of a dtseries file, (n_volumes, 59412) float32.

    Raises RunError for files that cannot be read, other grayordinates, and values that are not numbers.
    """
    run = np.asarray(_open(path).dataobj[:, :N_CORTEX], np.float32)
    bad = int((~np.isfinite(run)).any(0).sum())
    if bad:
        raise RunError(
            f"{path}: got values that are not numbers in {bad:,} of {N_CORTEX:,} vertices, expected none: "
            "repair or leave out this run"
        )
    return run


def check_run(path: Path, n_volumes: int) -> None:
    """Look at the header and the size of a file alone. Raises RunError."""
    found = _open(path).shape[0]
    if found != n_volumes:
        raise RunError(f"{path}: got {found} volumes, expected {n_volumes}: copy it again")


def _open(path: Path):
    try:
        image = nibabel.load(path)
        _check_rows(path, image)
    except (RunError, MemoryError):  # a lack of memory says nothing about the file
        raise
    except Exception as error:  # nibabel raises many kinds for a damaged file
        size = path.stat().st_size if path.exists() else 0
        raise RunError(
            f"{path}: got a file of {size:,} bytes that does not read ({error}), expected a whole CIFTI dtseries: "
            "copy it again"
        ) from error
    return image


def _check_rows(path: Path, image) -> None:
    if not isinstance(image, nibabel.Cifti2Image):
        raise RunError(f"{path}: got a {type(image).__name__}, expected a CIFTI dtseries")
    found, axis = image.shape, image.header.get_axis(len(image.shape) - 1)
    _check_size(path, image)
    if len(found) != 2 or found[1] != N_GRAYORDINATES:
        raise RunError(
            f"{path}: got {found[-1]:,} rows, expected {N_GRAYORDINATES:,} grayordinates (32k fs_LR with subcortex)"
        )
    first = tuple(name for name, _, _ in axis.iter_structures())[:2] if isinstance(axis, BrainModelAxis) else ()
    if first != CORTEX or int(np.isin(axis.name, CORTEX).sum()) != N_CORTEX:
        raise RunError(
            f"{path}: got rows that begin with {first}, expected left and right cortex of {N_CORTEX:,} vertices first"
        )


def _check_size(path: Path, image) -> None:
    """Values that are not read (the subcortex comes last) would hide that the end of a file is missing."""
    header = image.nifti_header
    if path.suffix == ".gz":
        return
    expected = int(header.get_data_offset()) + int(np.prod(image.shape)) * header.get_data_dtype().itemsize
    if path.stat().st_size < expected:
        raise RunError(
            f"{path}: got {path.stat().st_size:,} bytes, expected a whole CIFTI dtseries of {expected:,}: copy it again"
        )


def write_run(path: Path, cortex: np.ndarray, rng: np.random.Generator) -> None:
    """Write volumes of cortex (n_volumes, 59412) as a dtseries of 91,282 grayordinates; the subcortex only makes noise.

    The places of subcortical voxels are stand-ins on a grid: the simulation has no anatomy there.
    """
    level, spread = float(cortex.mean()), float(cortex.std())
    below = level + spread * rng.standard_normal((len(cortex), N_GRAYORDINATES - N_CORTEX), np.float32)
    volumes = np.concatenate([cortex, below], 1, dtype=np.float32)
    image = nibabel.Cifti2Image(volumes, (SeriesAxis(0, TR, len(volumes), "SECOND"), _grayordinates()))
    image.nifti_header.set_data_dtype(np.float32)
    image.nifti_header["descrip"] = b"simulated by neuroclips, not measured"
    image.nifti_header.set_intent(DENSE_SERIES, name="ConnDenseSeries")
    path.write_bytes(image.to_bytes())


@lru_cache(maxsize=1)
def _grayordinates() -> BrainModelAxis:
    cortex = load_cortex()
    n_left, n_mesh = int(cortex.left.sum()), 32_492
    axis = BrainModelAxis.from_surface(cortex.mesh_index[:n_left], n_mesh, CORTEX[0])
    axis += BrainModelAxis.from_surface(cortex.mesh_index[n_left:] - n_mesh, n_mesh, CORTEX[1])
    shape, first = (91, 109, 91), 0
    affine = np.array([[-2.0, 0, 0, 90], [0, 2, 0, -126], [0, 0, 2, -72], [0, 0, 0, 1]])  # MNI, 2 mm
    for name, count in SUBCORTEX.items():
        voxels = np.stack(np.unravel_index(np.arange(first, first + count), shape), 1)
        axis += BrainModelAxis(f"CIFTI_STRUCTURE_{name}", voxel=voxels, affine=affine, volume_shape=shape)
        first += count
    return axis

"""CIFTI runs in and out: files that are whole, hold a time series of the cortex, and say when their volumes were."""

from __future__ import annotations

import gzip
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from nibabel.cifti2 import BrainModelAxis, Cifti2Image, SeriesAxis

from neuroclips.brain.cortex import N_CORTEX
from neuroclips.errors import InputError
from neuroclips.preprocessing.grayordinates import cortical_rows, refuse_missing, standard_rows
from neuroclips.preprocessing.layout import N_GRAYORDINATES, TR
from neuroclips.preprocessing.series import SET_STEP, check_step, resampled
from neuroclips.reading import naming, plain_file, refuse_beyond_memory

DENSE_SERIES = 3002  # the NIfTI intent of a dtseries
EXTENSION = 32  # the NIfTI extension that makes a file CIFTI
WHOLE = "a whole CIFTI-2 dtseries"
OLD = "Only CIFTI-2 files are supported"  # what nibabel says of older ones


@dataclass(frozen=True)
class Header:
    """What a dtseries file says of itself; of its values none is read."""

    image: Cifti2Image
    rows: np.ndarray  # (59412,) row of every cortical vertex in the file, -1 where it has none
    n_volumes: int
    step: float  # [s]
    start: float  # [s] of the first volume


def read_header(path: Path) -> Header:
    """Look at the header and the size of a file.

    Raises InputError for files that are cut or cannot be read, what is no time series in seconds, and other meshes.
    """
    plain_file(path, WHOLE)
    with naming(path, WHOLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Dataobj shape")  # told below, as an error
        image = _load(path)
        series, places = _axes(path, image)
        _check_whole(path, image)
        rows = cortical_rows(path, places)
    return Header(image, rows, len(series), float(series.step), float(series.start))


def read_run(path: Path, index: np.ndarray | None = None, drop_first: int = 0, resample: bool = False) -> np.ndarray:
    """The volumes of a dtseries file at cortical vertices, (n_volumes, n_vertices) float32, 2 s apart.

    index : (n_vertices,) rows among the 59,412 of the cortex, which is what is read, and in this order; None: all.
    drop_first : volumes to leave out at the start; resample : bring runs of another step to 2 s.
    Raises InputError as `read_header` does, for steps other than 2 s unless they are to be resampled, for files that
    lack vertices that are asked for, and for values there that are not numbers.
    """
    header = read_header(path)
    check_step(path, header.step, resample)
    rows = header.rows if index is None else header.rows[index]
    refuse_missing(path, rows)
    with naming(path, WHOLE):
        run = _values(path, header, rows)[drop_first:]
        return resampled(run, header.step)


def _load(path: Path) -> Cifti2Image:
    try:
        image = nibabel.load(path)
        if isinstance(image, nibabel.Nifti2Image) and EXTENSION in image.header.extensions.get_codes():  # compressed
            image = Cifti2Image.from_file_map({"image": nibabel.FileHolder(str(path))})
    except ValueError as error:
        if OLD not in str(error):
            raise
        raise InputError(
            f"{path}: got CIFTI-1, expected {WHOLE}: convert it with wb_command -file-convert -cifti-version-convert"
        ) from error
    if not isinstance(image, Cifti2Image):
        raise InputError(f"{path}: got a {type(image).__name__}, expected a CIFTI dtseries")
    return image


def _axes(path: Path, image: Cifti2Image) -> tuple[SeriesAxis, BrainModelAxis]:
    axes = [image.header.get_axis(i) for i in range(image.ndim)]
    kinds = [type(axis).__name__ for axis in axes]
    if kinds != ["SeriesAxis", "BrainModelAxis"]:
        raise InputError(
            f"{path}: got {' by '.join(kinds)} ({image.nifti_header.get_intent()[0]}), expected a dtseries: SeriesAxis "
            "(volumes) by BrainModelAxis (grayordinates)"
        )
    series, places = axes
    if image.shape != (len(series), len(places)):
        axes_say = f"({len(series)}, {len(places)}), as its axes say"
        raise InputError(f"{path}: got values of shape {image.shape}, expected {axes_say}: copy it again")
    if series.unit != "SECOND":
        raise InputError(f"{path}: got a series in {series.unit}, expected SECOND: volumes one after the other")
    if not (np.isfinite([series.start, series.step]).all() and series.step > 0):
        raise InputError(
            f"{path}: got {series.step:g} s between volumes from {series.start:g} s on, expected a time: {SET_STEP}"
        )
    return series, places


def _check_whole(path: Path, image: Cifti2Image) -> None:
    """What is not read (the subcortex comes last) would hide that the end of a file is missing."""
    stored: Any = image.dataobj
    values = int(np.prod(image.shape)) * stored.dtype.itemsize
    expected = int(stored.offset) + values
    if path.suffix.lower() == ".gz":
        refuse_beyond_memory(path, values)
        found = _unpacked(path, expected)
    else:
        found = path.stat().st_size
    if found < expected:
        raise InputError(f"{path}: got {found:,} bytes, expected {WHOLE} of {expected:,}: copy it again")


def _unpacked(path: Path, enough: int) -> int:
    """Bytes in a compressed file, counted to its end, where it is checked, or until there is more than enough."""
    found = 0
    with gzip.open(path, "rb") as file:
        while found <= enough and (block := file.read(2**22)):
            found += len(block)
    return found


def _values(path: Path, header: Header, rows: np.ndarray) -> np.ndarray:
    """(n_volumes, n_vertices) float32. Rows lie one after the other on disk, each with all of its volumes."""
    first, end = int(rows.min()), int(rows.max()) + 1
    stored: Any = header.image.dataobj
    if stored.dtype.kind not in "fiu":
        raise InputError(f"{path}: got values of type {stored.dtype}, expected real numbers")
    refuse_beyond_memory(path, 2 * header.n_volumes * (end - first) * max(4, stored.dtype.itemsize))
    with np.errstate(over="ignore"):
        run = stored[:, first:end][:, rows - first].astype(np.float32)
    if bad := int((~np.isfinite(run)).any(0).sum()):
        raise InputError(
            f"{path}: got values that are not numbers in {bad:,} of {len(rows):,} vertices, expected none: "
            "repair or leave out this run"
        )
    return run


def write_run(path: Path, cortex: np.ndarray, rng: np.random.Generator) -> None:
    """Write volumes of cortex (n_volumes, 59412) as a dtseries of 91,282 grayordinates; the subcortex only makes noise.

    The places of subcortical voxels are stand-ins on a grid: the simulation has no anatomy there.
    """
    level, spread = float(cortex.mean()), float(cortex.std())
    below = level + spread * rng.standard_normal((len(cortex), N_GRAYORDINATES - N_CORTEX), np.float32)
    volumes = np.concatenate([cortex, below], 1, dtype=np.float32)
    image = Cifti2Image(volumes, (SeriesAxis(0, TR, len(volumes), "SECOND"), standard_rows()))
    image.nifti_header.set_data_dtype(np.float32)
    image.nifti_header["descrip"] = b"simulated by neuroclips, not measured"
    image.nifti_header.set_intent(DENSE_SERIES, name="ConnDenseSeries")
    path.write_bytes(image.to_bytes())

"""Runs on surfaces (GIFTI), as fMRIPrep writes them, one file per hemisphere: either names the other."""

from __future__ import annotations

import base64
import re
import zlib
from pathlib import Path

import nibabel
import numpy as np

from neuroclips.brain.cortex import load_cortex
from neuroclips.data.timing import refuse_other_tr
from neuroclips.errors import InputError, MissingError, TooLargeError
from neuroclips.notes import note
from neuroclips.preprocessing.grayordinates import N_MESH, OTHER_MESHES
from neuroclips.reading import naming, plain_file, read_json, refuse_beyond_memory

EXPECTED = "a GIFTI run of one hemisphere"
HALVES = (("hemi-L", "hemi-R"), (".L.", ".R."))  # in the names of fMRIPrep and of the HCP
LARGEST = 8 * 163_842  # [bytes] that one volume of one hemisphere unpacks to


def read_surfaces(path: Path) -> np.ndarray:
    """Both hemispheres of a run at the cortical vertices, (n_volumes, 59412) float32; `path` is either.

    Raises InputError for other meshes, kinds of values and TR, MissingError where the other half is not there.
    """
    left, right = _halves(path)
    runs = [_read_half(left, "Left"), _read_half(right, "Right")]
    if len(runs[0]) != len(runs[1]):
        raise InputError(f"{right}: got {len(runs[1])} volumes, expected {len(runs[0])}, as {left.name} has")
    return np.concatenate(runs, 1)[:, load_cortex().mesh_index]


def _halves(path: Path) -> tuple[Path, Path]:
    for names in HALVES:
        for here in names:
            if here in path.name:
                left, right = (path.with_name(path.name.replace(here, name)) for name in names)
                other = right if left == path else left
                if not other.exists():
                    raise MissingError(f"{path}: got one hemisphere, expected {other.name} beside it")
                return left, right
    raise InputError(
        f"{path}: got a name without hemi-L or hemi-R, expected those of both hemispheres alike but for it"
    )


def _read_half(path: Path, side: str) -> np.ndarray:
    """(n_volumes, 32492) float32."""
    refuse_beyond_memory(path, 3 * plain_file(path, EXPECTED).stat().st_size)
    with naming(path, EXPECTED):
        content = path.read_bytes()
        _refuse_bombs(path, content)
        image = nibabel.GiftiImage.from_bytes(content)
        about, arrays = dict(image.meta), [np.asarray(array.data) for array in image.darrays]
    if (said := about.get("AnatomicalStructurePrimary", "")) not in ("", f"Cortex{side}"):
        raise InputError(f"{path}: got {said}, expected Cortex{side}, as its name says")
    _check_tr(path, about.get("TimeStep"))
    return _stacked(path, arrays)


def _refuse_bombs(path: Path, content: bytes) -> None:
    if b"GZipBase64Binary" not in content:
        return
    for data in re.finditer(rb"<Data>([^<]*)", content):
        unpack = zlib.decompressobj()
        unpack.decompress(base64.b64decode(data[1]), LARGEST)
        if unpack.unconsumed_tail:
            raise TooLargeError(f"{path}: got an array of more than {LARGEST:,} bytes, expected one volume in each")


def _check_tr(path: Path, own: str | None) -> None:
    """By the .json beside the file (BIDS, seconds) or the file's `own` TimeStep, which has no unit."""
    beside = path.with_name(re.sub(r"(\.func)?\.gii$", ".json", path.name, flags=re.IGNORECASE))
    about = read_json(beside) if beside.exists() else {}
    step, where, unit = about.get("RepetitionTime"), beside, "sec"
    if step is None:
        step, where, unit = own, path, "unknown"
    if step is None:
        note(f"{path}: got no TR in it or in {beside.name}, taken as 2 s")
        return
    with naming(where, "a TR [s]"):
        refuse_other_tr(where, float(step), unit)


def _stacked(path: Path, arrays: list[np.ndarray]) -> np.ndarray:
    shapes = sorted({array.shape for array in arrays})
    if len(shapes) != 1 or len(shapes[0]) != 1:
        got = ", ".join(map(str, shapes)) or "none"
        raise InputError(f"{path}: got arrays of shapes {got}, expected ({N_MESH},) for each volume")
    if (found := shapes[0][0]) != N_MESH:
        mesh = f" ({OTHER_MESHES[found]})" if found in OTHER_MESHES else ""
        raise InputError(
            f"{path}: got {found:,} vertices{mesh}, expected {N_MESH:,} of fsLR 32k: run fMRIPrep with "
            "--cifti-output 91k, or wb_command -metric-resample"
        )
    if any(array.dtype.kind not in "iuf" for array in arrays):
        raise InputError(f"{path}: got values of type {arrays[0].dtype}, expected {EXPECTED}")
    with np.errstate(over="ignore"):  # becomes inf, which is told
        return np.stack(arrays).astype(np.float32)

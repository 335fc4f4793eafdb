"""A visitor's files, from bytes in memory to samples: read by `FileDataset`, whose messages lose our folders."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from neuroclips.errors import InputError
from neuroclips.notes import collected
from neuroclips.ui.uploads import MB, limit

UNPACKED = 4  # times the limit of a file that it may unpack to
ROLES = {"fmri": "fMRI", "mask": "mask", "index": "vertex index", "clips": "clips"}

NO_INDEX = (  # which views are missing, and why
    "none: no flat map, no traces of areas and no lesions by region, for nothing says where on the cortex a voxel "
    "lies. Films are decoded without it; add a vertex index (.npy) to see the rest"
)


@dataclass(frozen=True)
class OwnFile:
    """Samples of a visitor, and what to calibrate with where the file says which clips they are for."""

    name: str
    fmri: np.ndarray  # (n_samples, n_voxels) float32
    vertex_index: np.ndarray | None
    given: Any  # a `Given`, or None
    notes: tuple[str, ...] = field(default_factory=tuple)  # what is odd about it, and why it is not for calibration

    @property
    def n_samples(self) -> int:
        return self.fmri.shape[0]

    @property
    def n_voxels(self) -> int:
        return self.fmri.shape[1]


def read(files: Mapping[str, tuple[str, bytes]]) -> OwnFile:
    """What is in a visitor's files, by the names of ROLES. They touch the disk only while they are read.

    Raises InputError, in one line and with the names that the visitor gave.
    """
    with tempfile.TemporaryDirectory(prefix="neuroclips-") as home:
        paths = {}
        for role, (name, data) in files.items():
            (Path(home) / role).mkdir()
            paths[role] = Path(home) / role / Path(name).name
            paths[role].write_bytes(data)
        try:
            with collected() as notes:
                own = _read(paths)
            return replace(own, notes=tuple(dict.fromkeys(_plain(note, home) for note in [*notes, *own.notes])))
        except InputError as error:
            raise InputError(_plain(str(error), home)) from None


def _read(paths: Mapping[str, Path]) -> OwnFile:
    # imported here: these bring torch, and the page should be up first
    from neuroclips.data.file import FileDataset

    _refuse_bombs(paths["fmri"])
    data = FileDataset(paths["fmri"], paths.get("index"), paths.get("mask"))
    (n_voxels,) = data.info.n_voxels.values()
    index = None
    with suppress(InputError):  # none was given
        index = data.vertex_index(1)
    given, why = _given(paths, data.samples())
    return OwnFile(paths["fmri"].name, np.array(data.samples(), np.float32), index, given, tuple(why))


def _given(paths: Mapping[str, Path], fmri: np.ndarray) -> tuple[Any, list[str]]:
    """What to calibrate with, where the files say which clips the samples are for, and what is wrong with that."""
    from neuroclips.calibration.given import TARGETS, read_given
    from neuroclips.reading import array_names

    inside = array_names(paths["fmri"]) if paths["fmri"].suffix.lower() == ".npz" else []
    if "clips" not in paths and not {"clips", *TARGETS.values()} & set(inside):
        return None, []
    try:
        return read_given(paths["fmri"], paths.get("clips"), paths.get("index"), paths.get("mask")), []
    except InputError as error:
        return None, [f"Not for calibration: {error}"]


def _plain(message: str, home: str) -> str:
    """A message with the names of the visitor's files, not of where they lay for a moment."""
    for root in {home, str(Path(home).resolve())}:
        message = re.sub(rf"{re.escape(root)}[\\/]?(\w+[\\/])?", "", message)
    return message


def _refuse_bombs(path: Path) -> None:
    """Raises InputError for a small file that unpacks to much more than one may upload."""
    claimed = 0
    with suppress(Exception):  # what does not read is told by who reads it
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                claimed = sum(member.file_size for member in archive.infolist())
        elif ".nii" in path.name.lower():
            import nibabel

            image: Any = nibabel.load(path)
            claimed = prod(image.shape) * image.get_data_dtype().itemsize
    if claimed > UNPACKED * limit():
        raise InputError(
            f"{path}: got a file of {claimed / MB:,.0f} MB once unpacked, expected at most {UNPACKED * limit() // MB} "
            "MB here: cut it, or use the command line"
        )


def summary(own: OwnFile) -> dict[str, str]:
    """What was read, in words by what it is."""
    low, high = float(own.fmri.min()), float(own.fmri.max())
    mean, spread = float(own.fmri.mean(dtype=np.float64)), float(own.fmri.std(dtype=np.float64))
    return {
        "File": own.name,
        "Samples": f"{own.n_samples:,}",
        "Voxels": f"{own.n_voxels:,}",
        "Values": f"{low:.2f} to {high:.2f}, mean {mean:.2f}, standard deviation {spread:.2f}",
        "NaN or infinite": "none (a file that has any is refused)",
        "Vertex index": NO_INDEX if own.vertex_index is None else f"{len(own.vertex_index):,} cortical vertices",
    }


def fitting(own: OwnFile) -> tuple[list[int], str]:
    """Subjects whose decoders read so many voxels, and in a sentence whether they are the same ones."""
    from neuroclips.data.registry import load_dataset

    data = load_dataset()
    counts = data.info.n_voxels
    found = [subject for subject, n_voxels in counts.items() if n_voxels == own.n_voxels]
    if not found:
        known = ", ".join(f"{n:,} (subject {s})" for s, n in counts.items())
        return [], f"No shipped decoder reads {own.n_voxels:,} voxels; they read {known}. Calibrate one below."
    name = f"The decoder of simulated subject {found[0]} reads as many voxels"
    if own.vertex_index is None:
        return found, f"{name}; whether they are the same ones, a file without a vertex index does not say."
    if not np.array_equal(own.vertex_index, data.vertex_index(found[0])):
        return found, f"{name}, but other ones, by your vertex index: what it decodes will mean nothing."
    return found, f"{name}, and the same ones, by your vertex index."

"""Datasets by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from neuroclips.data.base import FmriDataset
from neuroclips.data.cc2017 import Cc2017Dataset
from neuroclips.data.file import FileDataset
from neuroclips.data.preprocessed import PreprocessedDataset
from neuroclips.data.simulated import SimulatedDataset
from neuroclips.data.swapped import SwappedDataset
from neuroclips.errors import InputError
from neuroclips.once import loaded_once

DATASETS: dict[str, Callable[..., FmriDataset]] = {
    "simulated": SimulatedDataset,
    "swapped": lambda source=None: SwappedDataset(SimulatedDataset(source)),  # a control: nothing may be decoded
    "cc2017": Cc2017Dataset,
    "preprocessed": PreprocessedDataset,
    "file": FileDataset,
}
NEEDS_SOURCE = ("preprocessed", "file")


@loaded_once
def load_dataset(
    name: str = "simulated",
    source: Path | None = None,
    subject: int = 1,
    vertex_index: Path | None = None,
    mask: Path | None = None,
) -> FmriDataset:
    """Open a dataset; `source` is its folder or file.

    Whose brain a visitor's file is of, its vertices (.npy) and its mask (NIfTI) are for the dataset "file" alone.
    Raises InputError with the known names.
    """
    if name not in DATASETS:
        raise InputError(f"got dataset {name!r}, expected one of: {', '.join(DATASETS)}")
    if source is None and name in NEEDS_SOURCE:
        raise InputError(f"dataset {name} needs its folder or file: pass it with --source")
    if name != "file" and source is not None and Path(source).is_file():
        raise InputError(
            f"{source}: got a file for the dataset {name}, expected its folder; a file needs --dataset file"
        )
    if name == "file" and source is not None:
        return FileDataset(source, vertex_index, mask, subject)
    return DATASETS[name](source) if source else DATASETS[name]()

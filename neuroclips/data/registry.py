"""Datasets by name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from neuroclips.data.base import FmriDataset
from neuroclips.errors import InputError
from neuroclips.once import loaded_once

# name -> what opens it, imported when the first of its kind is opened. A new dataset is a row here.
DATASETS = {
    "simulated": "neuroclips.data.simulated:SimulatedDataset",
    "swapped": "neuroclips.data.swapped:swapped_simulated",
    "zero": "neuroclips.data.controls:zero_simulated",
    "noise": "neuroclips.data.controls:noise_simulated",
    "other": "neuroclips.data.controls:other_simulated",
    "null": "neuroclips.data.controls:null_simulated",
    "cc2017": "neuroclips.data.cc2017:Cc2017Dataset",
    "preprocessed": "neuroclips.data.preprocessed:PreprocessedDataset",
    "file": "neuroclips.data.file:FileDataset",
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
    opened = _opener(DATASETS[name])
    if name == "file":
        return opened(source, vertex_index, mask, subject)
    return opened(source) if source else opened()


def _opener(place: str) -> Callable[..., FmriDataset]:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)

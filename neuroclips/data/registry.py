"""Datasets by name."""

from __future__ import annotations

from neuroclips.data.base import FmriDataset
from neuroclips.data.simulated import SimulatedDataset
from neuroclips.once import loaded_once

DATASETS = {"simulated": SimulatedDataset}


@loaded_once
def load_dataset(name: str = "simulated") -> FmriDataset:
    """Open a dataset. Raises ValueError with the known names."""
    if name not in DATASETS:
        raise ValueError(f"got dataset {name!r}, expected one of: {', '.join(DATASETS)}")
    return DATASETS[name]()

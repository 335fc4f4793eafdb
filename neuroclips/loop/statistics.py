"""What was measured on the simulated training films once, so that a short film needs none of them: assets/loop.

Feature scales and response gains of the calibration film; mean and spread of the runs of the training films, by which a
film that is too short for statistics of its own is z-scored; and where the features of training films lie. Made by
`python -m neuroclips.loop.store`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from neuroclips.paths import ASSETS
from neuroclips.reading import read_arrays
from neuroclips.simulation.encoding import Scale
from neuroclips.simulation.features import KINDS

PATH = ASSETS / "loop" / "statistics.npz"


@dataclass(frozen=True)
class OfRuns:
    """Of the voxels (n,) of a subject, in units of the noise: mean of the signal, and spread of detrended runs."""

    mean: np.ndarray
    std: np.ndarray


@dataclass(frozen=True)
class OfFilms:
    """Where features of training films lie, and what of validation films is still like them."""

    mean: np.ndarray  # (n_features,)
    std: np.ndarray
    basis: np.ndarray  # (n_kept, n_features) principal components of the z-scored features
    variance: np.ndarray  # (n_kept,) along them
    quantiles: dict[str, np.ndarray]  # (101,) of the measures of `domain`, over clips of validation films
    alarms: float  # share of these clips that are beyond the cut of any measure
    sizes: np.ndarray  # (2,) of the main thing and of a companion, and
    seen: float  # of the scene, in frames


@cache
def stored() -> dict[str, np.ndarray]:
    return {name: _wide(values) for name, values in read_arrays(PATH).items()}


def _wide(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float32) if values.dtype == np.float16 else values


def scale_of(subject: int) -> Scale:
    """Of the shipped voxels of a subject."""
    has = stored()
    columns = {kind: (has[f"{kind}/mean"], has[f"{kind}/std"]) for kind in KINDS}
    return Scale(columns, dict(zip(KINDS, has[f"{subject}/spread"], strict=True)), has[f"{subject}/gain"])


def runs_of(subject: int) -> OfRuns:
    return OfRuns(stored()[f"{subject}/run mean"], stored()[f"{subject}/run std"])


@cache
def of_films() -> OfFilms:
    has: dict[str, Any] = stored()
    names = [name.removeprefix("quantiles/") for name in has if name.startswith("quantiles/")]
    own = {name: has[f"films/{name}"] for name in ("mean", "std", "basis", "variance", "sizes")}
    quantiles = {name: has[f"quantiles/{name}"] for name in names}
    alarms = float(has.get("alarms", np.nan))  # measured last, when the file is made
    return OfFilms(**own, quantiles=quantiles, alarms=alarms, seen=float(has["films/seen"]))

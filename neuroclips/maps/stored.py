"""Layers of the shipped subjects, precomputed: assets/brain/layers/subjectS.npz, made by `neuroclips brain --store`.

Read without torch: pages and figures draw from here.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from neuroclips.brain import scales
from neuroclips.errors import InputError, MissingError
from neuroclips.maps.layers import LAYERS, all_keys, checked, key_of
from neuroclips.paths import ASSETS
from neuroclips.reading import read_arrays, read_json

FOLDER = ASSETS / "brain" / "layers"
CLAIMS_PATH = FOLDER / "claims.json"
SUBJECTS = (1, 2, 3)


def path_of(subject: int, folder: Path = FOLDER) -> Path:
    """The file of a subject. Raises InputError for one that does not ship."""
    if subject not in SUBJECTS:
        raise InputError(f"got subject {subject}, expected one with stored layers: {', '.join(map(str, SUBJECTS))}")
    return folder / f"subject{subject}.npz"


def values(subject: int, layer: str, model: str | None = None) -> np.ndarray:
    """Raw values (n_voxels,) float32 of a stored layer, in the order of the dataset's `vertex_index`.

    Raises InputError for unknown names, MissingError for a layer that is not stored.
    """
    key, there = key_of(layer, model), stored(subject)
    if key not in there:
        raise MissingError(f"no layer {key} in {path_of(subject)}: run python -m neuroclips brain --store")
    return there[key].copy()


def scaled(
    subject: int, layer: str, model: str | None = None, scale: str | None = None
) -> tuple[np.ndarray, tuple[float, float]]:
    """Values (n_voxels,) in [0, 1] and what 0 and 1 stand for; scale : of brain.scales, None for the layer's own."""
    found, about = values(subject, layer, model), checked(layer, model)
    return scales.scaled(found, scale or about.scale, about.signed)


def available(subject: int) -> list[tuple[str, str | None]]:
    """The stored layers of a subject and their models, in the order of LAYERS."""
    there = stored(subject)
    return [(name, model) for name, model in all_keys() if key_of(name, model) in there]


def stored_claims() -> dict:
    """What the layers say in numbers, see claims.claims. Raises MissingError where that is not stored."""
    return read_json(CLAIMS_PATH)


@lru_cache(maxsize=4)
def stored(subject: int) -> dict[str, np.ndarray]:
    """All layers of a shipped subject by `key_of`, float32; not to be changed."""
    arrays = {name: array.astype(np.float32) for name, array in read_arrays(path_of(subject)).items()}
    return arrays | _derived(arrays)


def _derived(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What follows from other layers, and is not stored."""
    both = [[arrays.get(f"{layer}/{model}") for model in LAYERS[layer].models] for layer in ("weights", "truth")]
    found = {}
    if all(array is not None for array in both[0]):
        found["difference"] = scales.difference_of_means(*both[0])  # type: ignore[arg-type]
    if all(array is not None for array in both[1]):
        found["truth-total"] = both[1][0] + both[1][1]  # type: ignore[operator]
    return found

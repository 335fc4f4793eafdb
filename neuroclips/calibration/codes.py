"""What each training clip of the simulated films is in the space that a decoder's ridge maps to: shipped, 1.4 MB.

That space, the leading principal components of CLIP tokens or of latents, is the same for all subjects; so a ridge from
the voxels of a new one to it takes the place of the first layer, and all others stay.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from neuroclips.errors import InputError
from neuroclips.files import whole_file
from neuroclips.paths import ASSETS
from neuroclips.preprocessing.layout import N_SAMPLES
from neuroclips.reading import read_arrays

PATH = ASSETS / "simulated" / "codes.npz"
KINDS = {"semantic": "tokens", "perception": "latents"}  # role of a reconstructor -> what its ridge maps to
LEVELS = 127  # of a code on either side of zero: far finer than what fMRI tells


@lru_cache(maxsize=1)
def _stored(path: Path = PATH) -> dict[str, np.ndarray]:
    return read_arrays(path, [f"{name}{part}" for name in KINDS.values() for part in ("", "_step")])


def codes(role: str, ridge_dim: int, path: Path = PATH) -> np.ndarray:
    """Codes (n_clips, ridge_dim) float32 of all training clips, film after film.

    Raises InputError for a decoder of another width than that which they were made for.
    """
    name = KINDS[role]
    stored = _stored(path)
    found = stored[name].astype(np.float32) * stored[f"{name}_step"]
    if found.shape[1] != ridge_dim:
        raise InputError(
            f"{path}: got {found.shape[1]} {name} a clip, expected {ridge_dim}, as the {role} reconstructor reads: "
            "make the codes again after it was trained anew"
        )
    return found


def n_films(path: Path = PATH) -> int:
    """How many training films there are codes of."""
    return len(_stored(path)["tokens"]) // N_SAMPLES


def write_codes(given: dict[str, np.ndarray], path: Path = PATH) -> Path:
    """Write codes (n_clips, ridge_dim) of tokens and latents, a byte each."""
    arrays = {}
    for name in KINDS.values():
        step = (np.abs(given[name]).max(0) / LEVELS).astype(np.float32)
        arrays[name] = np.round(given[name] / step).astype(np.int8)
        arrays[f"{name}_step"] = step
    with whole_file(path) as partial, partial.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    return path

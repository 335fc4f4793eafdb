"""Make the stored layers of a shipped subject: `python -m neuroclips brain --store`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from neuroclips.errors import InputError
from neuroclips.files import whole_file
from neuroclips.maps.claims import write_claims
from neuroclips.maps.compute import compute
from neuroclips.maps.layers import LAYERS, all_keys, key_of
from neuroclips.maps.sources import Sources
from neuroclips.maps.stored import FOLDER, SUBJECTS, path_of, stored
from neuroclips.reading import read_arrays

DERIVED = ("difference", "truth-total")  # follow from others, see stored.py


def store(subject: int, layers: Sequence[str] | None = None, folder: Path = FOLDER) -> Path:
    """Compute all layers of a shipped subject, or some, and write them as float16; others in the file stay.

    It takes minutes, by far the most for "importance". Raises InputError for unknown layers, MissingError where the
    training samples are not in the cache.
    """
    path = path_of(subject, folder)
    if unknown := [name for name in layers or () if name not in LAYERS]:
        raise InputError(f"got layers {', '.join(unknown)}, expected some of: {', '.join(LAYERS)}")
    wanted = [(name, model) for name, model in all_keys() if name not in DERIVED and (not layers or name in layers)]
    found = read_arrays(path) if path.exists() and layers else {}
    found |= {key_of(name, model): compute(name, Sources(subject), model) for name, model in wanted}
    folder.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as partial, partial.open("wb") as file:
        halves = {key: array.astype(np.float16) for key, array in found.items()}
        np.savez_compressed(file, allow_pickle=False, **halves)
    stored.cache_clear()
    return path


def store_all(subjects: Sequence[int] = SUBJECTS, layers: Sequence[str] | None = None) -> Path:
    """Store every shipped subject, then what their layers say in numbers; the folder of all files."""
    for subject in subjects:
        store(subject, layers)
    write_claims()
    return FOLDER

"""What looks wrong in a preprocessed dataset: the same run twice, the same hemisphere twice, areas without signal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from neuroclips.brain.cortex import load_cortex
from neuroclips.preprocessing.grayordinates import N_MESH
from neuroclips.preprocessing.layout import N_SAMPLES, REPEATS, kind_of

THE_SAME = 0.999  # correlation above which two runs, or two vertices, are taken for copies; measured ones stay below
ENOUGH = 5  # voxels of an area, and pairs of vertices, below which nothing is said
COMPARED, SHOWN = 200, 6  # voxels of a run, names in a sentence


Arrays = Mapping[str, np.ndarray]


def flags(films: Sequence[str], arrays: Arrays, index: np.ndarray, selection: Arrays) -> list[str]:
    """One sentence for everything that looks wrong.

    arrays : (240 * n_films, n_repeats, n_voxels) of "train" and "test"; index : (n_voxels,) rows among the 59,412;
    selection : z (n_tested,), how alike repeats are: 0, and not near 0, where a vertex is constant; tested (n_tested,).
    """
    found: dict[str, list[str]] = {}
    some, mirrored, sketches = slice(None, None, 1 + len(index) // COMPARED), _mirrored(index), {}
    if areas := whole_areas(np.isin(selection["z"], [0]), selection["tested"]):
        found[f"constant in all of {shortened(areas)}"] = ["every film"]
    for name, samples in _runs(films, arrays):
        sketches[name] = samples[:, some].ravel()
        if areas := whole_areas(np.logical_not(samples.any(0)), index):
            found.setdefault(f"constant in all of {shortened(areas)}", []).append(name)
        if any(_mostly_copies(samples[:, left], samples[:, right]) for left, right in mirrored):
            found.setdefault("the same values in both hemispheres", []).append(name)
    twice = [f"{one} and {other}" for one, other in combinations(sketches, 2) if _alike(sketches[one], sketches[other])]
    if twice:
        found["the same values in two runs"] = twice
    return [f"{what}: {shortened(where)}" for what, where in found.items()]


def whole_areas(marked: np.ndarray, index: np.ndarray) -> list[str]:
    """Areas, such as "left V1", that are marked in all of their voxels; marked, index : (n_voxels,)."""
    cortex = load_cortex()
    side = np.where(cortex.left[index], "left ", "right ")
    named = cortex.area[index] != ""
    names, area = np.unique(np.char.add(side, cortex.area[index])[named], return_inverse=True)
    n_voxels, n_marked = np.bincount(area), np.bincount(area, weights=marked[named])
    return names[(n_marked == n_voxels) & (n_voxels >= ENOUGH)].tolist() if len(names) else []


def shortened(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _runs(films: Sequence[str], arrays: Arrays) -> Iterator[tuple[str, np.ndarray]]:
    """Name and samples (240, n_voxels) of every showing that is there."""
    for kind, n_repeats in REPEATS.items():
        for i, film in enumerate(f for f in films if kind_of(f)[0] == kind):
            for repeat in range(n_repeats):
                samples = np.asarray(arrays[kind][i * N_SAMPLES : (i + 1) * N_SAMPLES, repeat])
                if np.isfinite(samples[0]).all():
                    yield f"{film}_{repeat + 1}", samples


def _mirrored(index: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Places of left and right voxels that belong together: by the number in their mesh, and by their order."""
    cortex = load_cortex()
    left, right = np.flatnonzero(cortex.left[index]), np.flatnonzero(~cortex.left[index])
    pairs = []
    for number, shift in ((cortex.mesh_index[index], N_MESH), (index, int(cortex.left.sum()))):
        _, one, other = np.intersect1d(number[left], number[right] - shift, return_indices=True)
        if len(one) >= ENOUGH:
            pairs.append((left[one], right[other]))
    return pairs


def _mostly_copies(left: np.ndarray, right: np.ndarray) -> bool:
    """Whether more than half of the pairs of z-scored voxels (240, n_pairs) are the same."""
    return bool(((left * right).sum(0) / (len(left) - 1) > THE_SAME).mean() > 0.5)


def _alike(one: np.ndarray, other: np.ndarray) -> bool:
    size = np.linalg.norm(one) * np.linalg.norm(other)
    return bool(size > 0 and one @ other > THE_SAME * size)

"""Layers as CSV: areas with their means and intervals, or, of data that do not say where voxels are, voxels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from neuroclips.errors import InputError
from neuroclips.figures.terms import write_beside
from neuroclips.files import whole_file
from neuroclips.maps.drawn import Layered
from neuroclips.maps.layers import LAYERS, key_of
from neuroclips.maps.regions import PRECOMPUTED, table_of, to_csv

MISSING = "no flat map, inflated surface, GIFTI or CIFTI file and no table of areas"
STILL = "what still works: --out NAME.csv, a table of values by voxel"


def write_table(path: Path, layers: Sequence[Layered], region: str | None = None) -> tuple[list[Path], str | None]:
    """Write a table of areas, or of voxels where nobody knows where they are; what was written, and what is missing.

    Beside a table of areas lie the terms of use.

    Raises InputError for a region where there is no vertex index, and for one without voxels.
    """
    found, missing = [], None
    for layer in layers:
        if missing := without_index(layer):
            if region is not None:
                raise InputError(f"got region {region}, expected a vertex index for it: {missing}")
            found.append(_by_voxel(layer))
        else:
            rows = table_of(layer.values, layer.sources.vertex_index, region)
            whose = (layer.sources.subject, layer.layer, layer.model, layer.sources.dataset, layer.stored)
            found.append(to_csv(rows, *whose))
    lines = [line for i, table in enumerate(found) for line in table.splitlines()[1 if i else 0 :]]
    with whole_file(path) as partial:
        partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if missing:
        return [path], f"{missing}; {MISSING}. The table is one of voxels"
    return [path, write_beside(path, path.name[: -len(path.suffix)])], None


def without_index(layer: Layered) -> str | None:
    """Why nobody knows where the voxels of a layer are, None where they have a vertex index."""
    try:
        layer.sources.vertex_index  # noqa: B018 - it is read from the data when it is first asked for
    except InputError as error:
        return str(error)
    return None


def expect_index(layer: Layered) -> None:
    """Raises InputError, with what is missing without a vertex index and what still works."""
    if missing := without_index(layer):
        raise InputError(f"{missing}. Without it there is {MISSING}; {STILL}")


def _by_voxel(layer: Layered) -> str:
    whose = f"{layer.sources.subject},{layer.sources.dataset},{PRECOMPUTED[layer.stored]}"
    about = f"{whose},{key_of(layer.layer, layer.model)},{LAYERS[layer.layer].unit}"
    lines = [f"{about},{voxel},{value:.6g}" for voxel, value in enumerate(layer.values.tolist())]
    return "\n".join(["subject,dataset,made,layer,unit,voxel,value", *lines])

"""A layer in numbers: mean and interval of every area or group of areas, as rows and as CSV.

The interval of an area is a bootstrap over its voxels, that of a group one over its areas. Neighbouring voxels are not
independent, so that intervals over voxels are too narrow: they tell how even an area is, not how sure its mean.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Literal

import numpy as np

from neuroclips.brain.cortex import load_cortex
from neuroclips.brain.regions import GROUPS, rows_of
from neuroclips.data.registry import load_dataset
from neuroclips.errors import InputError
from neuroclips.evaluation.intervals import interval
from neuroclips.maps.layers import LAYERS, key_of
from neuroclips.maps.stored import values

By = Literal["area", "group"]
DRAWS = 500
GROUP_OF = {area: group for group, areas in GROUPS.items() for area in areas}
NOTE = "95 % bootstrap over voxels, of a group over its areas; neighbours are not independent: intervals are too narrow"


@dataclass(frozen=True)
class Row:
    """One area of a hemisphere, or one group of areas. low, high : NaN where one voxel or one area tells of no other.

    over : what the interval is resampled over, "voxels" or "areas".
    """

    region: str
    hemisphere: str  # "L", "R" or "both"
    group: str
    voxels: int
    mean: float
    low: float
    high: float
    over: str


def table(
    subject: int, layer: str, model: str | None = None, by: By = "area", regions: str | Sequence[str] | None = None
) -> list[Row]:
    """Of a stored layer, the largest mean first; regions : words of brain.regions that limit it.

    Raises InputError for unknown names, with the nearest ones, and for regions without a voxel.
    """
    return table_of(values(subject, layer, model), load_dataset().vertex_index(subject), by, regions)


def table_of(
    found: np.ndarray, vertex_index: np.ndarray, by: By = "area", regions: str | Sequence[str] | None = None
) -> list[Row]:
    """Of any values (n_voxels,)."""
    chosen = np.ones(len(vertex_index), bool) if regions is None else rows_of(regions)[vertex_index]
    if not chosen.any():
        raise InputError(f"got regions {regions}, expected some with voxels of this subject: none lies in them")
    areas = _areas(vertex_index)
    if by == "area":
        rows = [_area(found, areas, name, chosen) for name in np.unique(areas[chosen])]
    else:
        groups = np.array([GROUP_OF.get(name[2:], "") for name in areas])
        rows = [_group(found, areas, groups == name, name) for name in GROUPS if (chosen & (groups == name)).any()]
    return sorted(rows, key=lambda row: -row.mean)


def _areas(vertex_index: np.ndarray) -> np.ndarray:
    """ "L_V1" and the like, (n_voxels,)."""
    cortex = load_cortex()
    half = np.where(cortex.left[vertex_index], "L_", "R_")
    return np.char.add(half, cortex.area[vertex_index])


def _area(found: np.ndarray, areas: np.ndarray, name: str, chosen: np.ndarray) -> Row:
    mine = found[chosen & (areas == name)].astype(float)
    spread = interval(mine, np.arange(len(mine)), n=DRAWS)
    area = name[2:]
    ends = (spread.low, spread.high)
    return Row(area or "unnamed", name[0], GROUP_OF.get(area, ""), len(mine), spread.value, *ends, "voxels")


def _group(found: np.ndarray, areas: np.ndarray, here: np.ndarray, name: str) -> Row:
    labels, several = areas[here], len(GROUPS[name]) > 1
    blocks = np.unique(labels, return_inverse=True)[1] if several else np.arange(len(labels))
    spread = interval(found[here].astype(float), blocks, n=DRAWS)
    over = "areas" if several else "voxels"
    return Row(name, "both", name, len(labels), spread.value, spread.low, spread.high, over)


def to_csv(rows: Sequence[Row], subject: int, layer: str, model: str | None = None) -> str:
    """As CSV with a header; every line says whose layer it is and in which unit."""
    out = io.StringIO()
    names = ("subject", "layer", "unit", *(field.name for field in fields(Row)))
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({"subject": subject, "layer": key_of(layer, model), "unit": LAYERS[layer].unit, **asdict(row)})
    return out.getvalue()

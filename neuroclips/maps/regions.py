"""A layer in numbers: mean and interval of every area of a hemisphere, as rows and as CSV.

The interval is a bootstrap over voxels. Neighbouring voxels are not independent, so that it is too narrow: it tells how
even an area is, not how sure its mean.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np

from neuroclips.brain.regions import GROUPS, parcels, rows_of
from neuroclips.data.registry import load_dataset
from neuroclips.errors import InputError
from neuroclips.evaluation.intervals import interval
from neuroclips.figures.terms import SHORT
from neuroclips.maps.layers import LAYERS, key_of
from neuroclips.maps.stored import values

DRAWS = 500
GROUP_OF = {area: group for group, areas in GROUPS.items() for area in areas}
NOTE = "95 % bootstrap over voxels; neighbours are not independent: intervals are too narrow"
PRECOMPUTED = {True: "precomputed", False: "computed now"}


@dataclass(frozen=True)
class Row:
    """One area of a hemisphere. low, high : NaN where one voxel tells of no other; mean too, where none has a value."""

    region: str
    hemisphere: str  # "L" or "R"
    group: str
    voxels: int
    mean: float
    low: float
    high: float


def table(subject: int, layer: str, model: str | None = None, regions: str | Sequence[str] | None = None) -> list[Row]:
    """Of a stored layer, the largest mean first; regions : words of brain.regions that limit it.

    Raises InputError for unknown names, with the nearest ones, and for regions without a voxel.
    """
    return table_of(values(subject, layer, model), load_dataset().vertex_index(subject), regions)


def table_of(found: np.ndarray, vertex_index: np.ndarray, regions: str | Sequence[str] | None = None) -> list[Row]:
    """Of any values (n_voxels,); areas without a value come last."""
    chosen = np.ones(len(vertex_index), bool) if regions is None else rows_of(regions)[vertex_index]
    if not chosen.any():
        raise InputError(f"got regions {regions}, expected some with voxels of this subject: none lies in them")
    areas = parcels(vertex_index)
    rows = [_area(found[chosen & (areas == name)], name) for name in np.unique(areas[chosen])]
    return sorted(rows, key=lambda row: math.inf if math.isnan(row.mean) else -row.mean)


def _area(mine: np.ndarray, name: str) -> Row:
    half, _, area = name.partition("_")
    mean = low = high = math.nan
    if not np.isnan(mine).all():
        spread = interval(mine.astype(float), np.arange(len(mine)), n=DRAWS)
        mean, low, high = spread.value, spread.low, spread.high
    return Row(area or "unnamed", half, GROUP_OF.get(area, ""), len(mine), mean, low, high)


def to_csv(
    rows: Sequence[Row],
    subject: int,
    layer: str,
    model: str | None = None,
    dataset: str = "simulated",
    precomputed: bool = True,
) -> str:
    """As CSV with a header; every line says whose layer it is, in which unit, how it came and on which terms."""
    out = io.StringIO()
    about = {"subject": subject, "dataset": dataset, "made": PRECOMPUTED[precomputed]}
    about |= {"layer": key_of(layer, model), "unit": LAYERS[layer].unit}
    names = (*about, *(field.name for field in fields(Row)), "terms")
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(about | asdict(row) | {"terms": SHORT})
    return out.getvalue()

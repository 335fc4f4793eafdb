"""Any layer of any subject as a map that figures and files take: `drawn(Sources(1), "weights", "perception")`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neuroclips.brain import scales
from neuroclips.brain.cortex import N_CORTEX
from neuroclips.brain.regions import rows_of
from neuroclips.brain.weights_map import to_cortex
from neuroclips.errors import InputError
from neuroclips.figures.cortex_map import CortexMap, colours_of
from neuroclips.maps import stored
from neuroclips.maps.layers import MODELS, checked
from neuroclips.maps.sources import Sources

ZERO = {"min-max": "largest", "robust": "99th percentile of the"}


@dataclass(frozen=True)
class Layered:
    """Values (n_voxels,) of a layer of one subject, with where they are from."""

    sources: Sources
    layer: str
    model: str | None
    values: np.ndarray
    stored: bool  # precomputed, and not computed now

    @property
    def title(self) -> str:
        return MODELS[self.model] if self.model else checked(self.layer).label

    @property
    def whose(self) -> str:
        return f"subject {self.sources.subject} ({self.sources.dataset})"

    @property
    def name(self) -> str:
        return ", ".join(filter(None, (self.whose, self.layer, self.model)))


def layered(sources: Sources, layer: str, model: str | None = None) -> Layered:
    """A layer as it ships, or computed where the data or the reconstructors are not those that ship.

    Raises InputError for unknown names, and with what the layer needs and lacks.
    """
    model = model if checked(layer, model).models else None
    ships = sources == Sources(sources.subject) and sources.subject in stored.SUBJECTS
    there = ships and (layer, model) in stored.available(sources.subject)
    if there:
        return Layered(sources, layer, model, stored.values(sources.subject, layer, model), True)
    from neuroclips.maps.compute import compute  # not for what ships: models bring torch

    return Layered(sources, layer, model, compute(layer, sources, model), False)


def models_of(layer: str, model: str) -> list[str | None]:
    """What "perception", "semantic" or "both" is of a layer: None for one that no model has a part in."""
    if model not in (*MODELS, "both"):
        raise InputError(f"got model {model!r}, expected one of: {', '.join((*MODELS, 'both'))}")
    known = checked(layer, next(iter(MODELS))).models
    return [name for name in known if model in (name, "both")] if known else [None]


def cortex_map(found: Layered, scale: str | None = None, region: str | Sequence[str] | None = None) -> CortexMap:
    """A layer on all 59,412 vertices; scale : of brain.scales, None for the layer's own; region : words that limit it.

    Raises InputError for data that do not say where their voxels are, and for a region without voxels.
    """
    about, index = checked(found.layer, found.model), found.sources.vertex_index
    if len(index) != len(found.values):
        raise InputError(
            f"got a vertex index of {len(index):,} voxels and a layer of {len(found.values):,}, expected as many: "
            "take the reconstructors of these data (--reconstructors)"
        )
    scale = scale or about.scale
    shown, _ = scales.scaled(found.values, scale, about.signed)
    inside = np.ones(N_CORTEX, bool) if region is None else rows_of(region)
    voxels = np.zeros(N_CORTEX, bool)
    voxels[index] = inside[index]
    if not voxels.any():
        raise InputError(
            f"got region {region}, expected one with voxels of subject {found.sources.subject}: none is there"
        )
    raw, on_cortex = (np.where(inside, to_cortex(values, index), np.nan) for values in (found.values, shown))
    colours = colours_of(about.bar, about.signed)
    return CortexMap(found.title, found.whose, _label(found, scale), found.name, raw, on_cortex, voxels, colours)


def _label(found: Layered, scale: str) -> str:
    about = checked(found.layer, found.model)
    if about.signed:
        return f"{about.label}: 1 is the {ZERO[scale]} magnitude of a subject"
    return f"{about.label}, {scales.TOLD[scale]}"

"""A map of the cortex as figures and files take it, and the colours that its values have in all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

GREY = "#868686"  # of what is not drawn, in the colour bar; on the map there are the folds


LEAST = 0.1  # share of a bar that begins at 0 whose values are left to the folds


@dataclass(frozen=True)
class Colours:
    """Colours of values in 0..1; what lies between `hidden` shows the folds instead."""

    cmap: str
    low: float  # end of the colour bar
    high: float
    hidden: tuple[float, float]  # lower end included, upper end not
    signed: bool = False

    def map(self) -> Colormap:
        from matplotlib import colormaps

        return colormaps[self.cmap]

    def of(self, values: np.ndarray) -> np.ndarray:
        """RGBA (..., 4) uint8 of values (...) in 0..1: opaque, or nothing where values are NaN or hidden."""
        share = np.clip((values - self.low) / (self.high - self.low), 0, 1)
        rgba = np.round(255 * self.map()(np.nan_to_num(share))).astype(
            np.uint8
        )  # as renderers do it, unlike bytes=True
        rgba[np.isnan(values) | ((values >= self.hidden[0]) & (values < self.hidden[1]))] = 0
        return rgba

    def centred(self, values):
        """Values in 0..1 as they are told: of signed maps -1 to 1, around 0."""
        return 2 * values - 1 if self.signed else values

    def ticks(self) -> dict[float, str]:
        """Five places on the bar and what stands there."""
        return {place: f"{self.centred(place):g}" for place in np.linspace(self.low, self.high, 5).tolist()}


def colours_of(bar: tuple[float, float], signed: bool = False) -> Colours:
    """Those of values in 0..1; of signed ones, 0.5 stands for zero, and what is near it is left to the folds."""
    low, high = bar
    if signed:
        return Colours("RdBu_r", low, high, (0.5 - LEAST / 2, 0.5 + LEAST / 2), True)
    return Colours("inferno", low, high, (-np.inf, low or LEAST * high))


@dataclass(frozen=True)
class CortexMap:
    """Values of all 59,412 cortical grayordinates, NaN where there is no voxel near."""

    column: str  # "Perception Reconstructor"
    row: str  # "subject 1 (simulated)"
    label: str  # of the colour bar
    name: str  # of the map in a file
    raw: np.ndarray  # (59412,) float32
    shown: np.ndarray  # (59412,) float32 in 0..1
    voxels: np.ndarray  # (59412,) bool: where a voxel lies, which gives its value to the vertices around it
    colours: Colours

    @property
    def centred(self) -> np.ndarray:
        """(59412,) what is shown, of signed maps in -1..1."""
        return self.colours.centred(self.shown)

"""Figures 5 and 12 of the paper: maps on the flattened cortex with borders, names and one colour bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline

from neuroclips.brain.cortex import load_cortex
from neuroclips.figures.bar import draw_bar
from neuroclips.figures.cortex_map import CortexMap
from neuroclips.figures.names import Name, outline, place_names
from neuroclips.figures.sheet import Sheet, sheet

WIDTH, WIDE = 10.4, 16.0  # [inch], of a figure, and of one with several whole cortices side by side
EDGE, HEAD, GAP, FOOT = 0.4, 0.34, 0.1, 0.62  # [inch]
SIZES = (6.0, 9.5)  # [point] of names
INK = "#1b1b1b"
VECTOR: Any = {"svg.fonttype": "none", "pdf.fonttype": 42, "svg.hashsalt": "neuroclips"}  # text stays text


@dataclass(frozen=True)
class Look:
    """What is drawn beside the values; left, right : files of flat meshes in the place of the usual ones."""

    borders: bool = True
    names: bool = True
    zoom: bool = False  # only the part of the cortex around the voxels
    left: Path | None = None
    right: Path | None = None
    only: np.ndarray | None = None  # (59412,) bool: areas outside are not named


def flat_figure(maps: Sequence[CortexMap], look: Look = Look()) -> Figure:
    """Maps in a grid: a row for each `row` of theirs, a column for each `column`, and one colour bar for all."""
    rows, columns = (list(dict.fromkeys(getattr(drawn, side) for drawn in maps)) for side in ("row", "column"))
    stacked = len(rows) == 1 and not look.zoom  # the models of one subject, one below the other
    n_down, n_across = (len(columns), 1) if stacked else (len(rows), len(columns))
    filled = ~np.isnan([drawn.shown for drawn in maps]).all(0)
    ground = sheet(look.left, look.right, tuple(np.flatnonzero(filled).tolist()) if look.zoom else ())
    left, right, bottom, top = ground.box
    wide = WIDTH if look.zoom or n_across == 1 else WIDE
    panel_wide = (wide - EDGE) / n_across - GAP
    panel = panel_wide * (bottom - top) / (right - left)
    above = HEAD if not stacked else 0.0
    high = above + n_down * (panel + GAP) + FOOT
    figure = Figure(figsize=(wide, high), facecolor="white")
    places = place(ground, maps, look.only, (right - left) / panel_wide / 72) if look.names else []
    outlines = [_outline(name) for name in places]
    for drawn in maps:
        i, j = rows.index(drawn.row), columns.index(drawn.column)
        i, j = (j, 0) if stacked else (i, j)
        x, y = EDGE + j * (panel_wide + GAP), high - above - (i + 1) * (panel + GAP) + GAP
        axes = figure.add_axes((x / wide, y / high, panel_wide / wide, panel / high))
        _draw(axes, ground, drawn, look, outlines)
        beside = f"{drawn.column}\n{drawn.row}" if stacked else drawn.row
        if i == 0 and not stacked:
            middle = (x + panel_wide / 2) / wide
            figure.text(middle, 1 - 0.6 * HEAD / high, drawn.column, ha="center", va="center", size=11)
        if j == 0:
            middle = (y + panel / 2) / high
            figure.text(0.5 * EDGE / wide, middle, beside, ha="center", va="center", size=10, rotation=90)
    draw_bar(figure, maps[0], wide, high)
    return figure


def place(ground: Sheet, maps: Sequence[CortexMap], only: np.ndarray | None, point: float) -> list[Name]:
    """Names of the areas that hold voxels of some map, in the hemispheres where they do.

    point : in pixels of the sheet.
    """
    cortex = load_cortex()
    voxels = np.any([drawn.voxels for drawn in maps], 0) & (True if only is None else only)
    held = {(cortex.area[i], cortex.left[i]) for i in np.flatnonzero(voxels)}
    half = len(ground.names) // 2
    wanted = {i for i, name in enumerate(ground.names) if (name, i < half) in held}
    low, high = (size * point for size in SIZES)
    return place_names(ground.areas, ground.names, wanted, (low, high), ground.box)


def picture(ground: Sheet, drawn: CortexMap) -> np.ndarray:
    """RGBA uint8 (height, width): values over the folds, in the very colours of the bar."""
    base = np.stack([*[ground.grey] * 3, np.where(ground.rows >= 0, 255, 0).astype(np.uint8)], -1)
    over = drawn.colours.of(np.append(drawn.shown, np.nan))[ground.rows]  # the last one where there is no cortex, -1
    return np.where(over[..., 3:] > 0, over, base)


def _draw(axes: Axes, ground: Sheet, drawn: CortexMap, look: Look, outlines: list[Outline]) -> None:
    axes.imshow(picture(ground, drawn), interpolation="nearest", aspect="auto")
    if look.borders:
        axes.add_collection(LineCollection(ground.borders, colors=INK, linewidths=0.35, alpha=0.75, capstyle="round"))
    if outlines:
        axes.add_collection(PathCollection(outlines, facecolors="white", edgecolors="white", linewidths=1.6))
        axes.add_collection(PathCollection(outlines, facecolors=INK, linewidths=0))
    left, right, bottom, top = ground.box
    axes.set(xlim=(left, right), ylim=(bottom, top))
    axes.axis("off")
    for x, side in ((0.02, "L"), (0.98, "R")):
        axes.text(x, 0.98, side, transform=axes.transAxes, ha="center", va="top", size=9, weight="bold", color=INK)


def _outline(name: Name) -> Outline:
    """A name as an outline in pixels of the sheet, which run down."""
    vertices, codes, _ = outline(name.text)
    return Outline(vertices * [name.size, -name.size] + [name.x, name.y], codes)

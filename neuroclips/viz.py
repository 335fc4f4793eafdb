"""Figures by matplotlib."""

from __future__ import annotations

import matplotlib

matplotlib.use("Agg")
import numpy as np  # noqa: E402 - the backend comes first
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from neuroclips.brain.flat import background, flat_picture  # noqa: E402


def draw_flat_map(axes: Axes, values: np.ndarray, title: str, cmap: str, low: float, high: float, label: str) -> None:
    """Values (59412,) on the flattened cortex, NaN left grey, with a colour bar."""
    axes.imshow(background())
    drawn = axes.imshow(
        np.ma.masked_invalid(flat_picture(values)), cmap=cmap, vmin=low, vmax=high, alpha=0.92, interpolation="nearest"
    )
    axes.set_title(title, fontsize=11, loc="left")
    axes.axis("off")
    axes.figure.colorbar(drawn, ax=axes, orientation="horizontal", fraction=0.05, pad=0.02, aspect=40, label=label)


def truth_figure(maps: list[tuple[np.ndarray, str, str, float, float, str]], title: str) -> Figure:
    """Flat maps, two in a row; each is (values, title, colour map, low, high, label)."""
    figure = Figure(figsize=(14, 3.9 * -(-len(maps) // 2)), layout="constrained")
    for axes, drawn in zip(figure.subplots(-(-len(maps) // 2), 2).flat, maps, strict=True):
        draw_flat_map(axes, *drawn)
    figure.suptitle(title, fontsize=13)
    return figure


def reliability_figure(z: np.ndarray, title: str) -> Figure:
    """Mean Fisher z between repeats, (59412,) with NaN where nothing was tested."""
    figure = Figure(figsize=(9, 4.4), layout="constrained")
    draw_flat_map(
        figure.subplots(), z, title, "inferno", 0, 0.6, "Fisher z of the correlation between repeats, mean over films"
    )
    return figure


def area_figure(names: list[str], kept: list[int], tested: list[int]) -> Figure:
    """How many vertices of each area are kept, beside how many there are."""
    figure = Figure(figsize=(11, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.bar(names, tested, color="#d8d3e6", label="tested")
    axes.bar(names, kept, color="#5b2fc4", label="kept")
    axes.set(ylabel="vertices", title=f"Vertices per area, the {len(names)} areas that keep most")
    axes.tick_params("x", rotation=90)
    axes.legend(frameon=False)
    return figure


def carpet_figure(samples: np.ndarray, title: str) -> Figure:
    """A carpet plot (Power 2017): z-scored samples (n_samples, n_voxels) as grey levels, and their mean."""
    figure = Figure(figsize=(11, 4), layout="constrained")
    top, carpet = figure.subplots(2, 1, sharex=True, height_ratios=[1, 3])
    top.plot(samples.mean(1), color="#5b2fc4", linewidth=1)
    top.set(ylabel="mean z", title=title)
    carpet.imshow(samples.T, aspect="auto", cmap="gray", vmin=-2, vmax=2, interpolation="nearest")
    carpet.set(xlabel="sample (2 s)", ylabel="vertices, by area")
    return figure


def contact_sheet(rows: list[list[np.ndarray]], columns: list[str], labels: list[str]) -> Figure:
    """Pictures, uint8 (H, W, 3), in a grid: a title above every column, a label beside every row."""
    figure = Figure(figsize=(1.3 * len(columns) + 0.3, 1.34 * len(rows) + 0.5), layout="constrained")
    grid = figure.subplots(len(rows), len(columns), squeeze=False)
    for axes_row, row, label in zip(grid, rows, labels, strict=True):
        for axes, picture in zip(axes_row, row, strict=True):
            axes.imshow(picture)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
        axes_row[0].set_ylabel(label, fontsize=6)
    for axes, title in zip(grid[0], columns, strict=True):
        axes.set_title(title, fontsize=8)
    figure.set_layout_engine("constrained", w_pad=0.01, h_pad=0.01, wspace=0, hspace=0)
    return figure

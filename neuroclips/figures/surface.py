"""Maps on the inflated cortex, by nilearn: pictures from three sides, and a page on which it can be turned."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from neuroclips.brain.cortex import load_cortex
from neuroclips.brain.meshes import inflated_meshes, sulcal_depth
from neuroclips.figures.bar import draw_bar
from neuroclips.figures.cortex_map import GREY, Colours, CortexMap
from neuroclips.figures.terms import SHORT
from neuroclips.files import whole_file

VIEWS = ("lateral", "medial", "ventral")
SIDES = ("left", "right")
CELL, HEAD, FOOT = 2.1, 0.3, 0.75  # [inch]
CROP = 0.2  # of a cell, by which neighbours overlap: nilearn leaves room around a hemisphere


def surface_figure(maps: Sequence[CortexMap], views: Sequence[str] = VIEWS) -> Figure:
    """A row of views for each map: by default both hemispheres from outside, inside and below."""
    from nilearn.plotting import plot_surf_stat_map

    seen = [("left", view) for view in views] + [("right", view) for view in reversed(views)]
    step = CELL * (1 - CROP)
    wide, high = step * len(seen) + CELL * CROP, HEAD + len(maps) * (step + HEAD) + FOOT
    figure = Figure(figsize=(wide, high), facecolor="white")
    meshes, folds = _meshes(), _sides(sulcal_depth())
    for i, drawn in enumerate(maps):
        values, limits = _for_nilearn(drawn)
        halves, top = _sides(values), high - HEAD - i * (step + HEAD)
        for j, (side, view) in enumerate(seen):
            place = (j * step / wide, (top - CELL * (1 - CROP / 2)) / high, CELL / wide, CELL / high)
            axes = figure.add_axes(place, projection="3d")
            plot_surf_stat_map(
                meshes[side],
                halves[side],
                bg_map=folds[side],
                hemi=side,
                view=view,
                cmap=drawn.colours.cmap,
                avg_method="median",  # a face has the value of one of its corners, so that its colour is in the bar
                colorbar=False,
                axes=axes,
                figure=figure,
                **limits,
            )
            axes.patch.set_alpha(0)
            if i == 0:
                middle = (j + 0.5 + CROP / 8) * step / wide
                figure.text(middle, 1 - 0.6 * HEAD / high, f"{side} {view}", ha="center", size=8)
        figure.text(0.5, (top - step - 0.1) / high, f"{drawn.column}, {drawn.row}", ha="center", va="center", size=10)
    draw_bar(figure, maps[0], wide, high)
    return figure


def write_page(path: Path, maps: Sequence[CortexMap]) -> None:
    """Write an HTML page with one surface for each map, which can be turned; it needs no network."""
    from nilearn.plotting import view_surf
    from nilearn.surface import PolyMesh

    both, folds = PolyMesh(**_meshes()), np.concatenate(list(_sides(sulcal_depth()).values()))
    parts = []
    for drawn in maps:
        values, limits = _for_nilearn(drawn)
        data = np.concatenate(list(_sides(values).values()))
        title = f"{drawn.column}, {drawn.row}"
        looks = {"bg_map": folds, "hemi": "both", "cmap": _two_sided(drawn.colours), "engine": "niivue", "title": title}
        view = view_surf(both, data, **looks, threshold=limits["threshold"], vmax=limits["vmax"])
        parts.append(view.get_iframe(width=1000, height=620))
    about = f"<p>{escape(maps[0].label)}</p><p><small>{escape(SHORT)}</small></p>"
    head = '<meta charset="utf-8"><title>Maps of the cortex</title><style>body{font-family:sans-serif}</style>'
    with whole_file(path) as partial:
        partial.write_text(f"<!doctype html><html lang=en>{head}{''.join(parts)}{about}</html>", encoding="utf-8")


def _two_sided(colours: Colours) -> Any:
    """Colours as the page wants them: below the middle those of negative values, from the largest to the smallest
    that is drawn, above it those of positive ones."""
    from matplotlib.colors import ListedColormap, to_rgba

    positive = np.linspace(colours.hidden[1], colours.high, 255)
    rgba = colours.map()((positive - colours.low) / (colours.high - colours.low))
    other = np.tile(to_rgba(GREY), (255, 1))  # there are no negative values
    if colours.signed:
        other = colours.map()((1 - positive[::-1] - colours.low) / (colours.high - colours.low))
    return ListedColormap(np.concatenate([other, rgba]))


def _meshes() -> dict[str, Any]:
    from nilearn.surface import InMemoryMesh

    return {side: InMemoryMesh(*mesh) for side, mesh in zip(SIDES, inflated_meshes(), strict=True)}


def _sides(values: np.ndarray) -> dict[str, np.ndarray]:
    """Values (59412,) on all vertices of the left and the right mesh, 0 where there is no cortex."""
    cortex = load_cortex()
    n_mesh = len(inflated_meshes()[0][0])
    mesh = np.zeros(2 * n_mesh, np.float32)
    mesh[cortex.mesh_index] = np.nan_to_num(values)
    return {"left": mesh[:n_mesh], "right": mesh[n_mesh:]}


def _for_nilearn(drawn: CortexMap) -> tuple[np.ndarray, dict[str, float]]:
    """Values whose zero is not drawn, and the limits of their colours: nilearn hides what is smaller than these."""
    colours = drawn.colours
    zero = 0.5 if colours.signed else 0.0
    limits = {"vmin": colours.low - zero, "vmax": colours.high - zero, "threshold": colours.hidden[1] - zero}
    return drawn.shown - zero, limits

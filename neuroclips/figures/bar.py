"""The colour bar, one for all maps of a figure."""

from __future__ import annotations

from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from neuroclips.figures.cortex_map import GREY, CortexMap

BAR, FOOT = 0.13, 0.56  # [inch], its height, and from its upper edge to the end of the figure


def draw_bar(figure: Figure, drawn: CortexMap, wide: float, high: float) -> None:
    """The bar at the foot of a figure of so many inches: the colours of the map, grey for what is left to the folds."""
    colours, length = drawn.colours, min(5.0, wide - 1)
    axes = figure.add_axes(((wide - length) / 2 / wide, (FOOT - BAR) / high, length / wide, BAR / high))
    shown = ScalarMappable(Normalize(colours.low, colours.high), colours.map().with_extremes(under=GREY))
    below = colours.hidden[1] <= colours.low
    bar = figure.colorbar(shown, cax=axes, orientation="horizontal", extend="min" if below else "neither")
    if not below:
        axes.axvspan(max(colours.low, colours.hidden[0]), colours.hidden[1], color=GREY, linewidth=0)
    ticks = colours.ticks()
    bar.set_ticks(list(ticks), labels=list(ticks.values()))
    bar.outline.set_linewidth(0.5)
    axes.tick_params(labelsize=8, length=2)
    bar.set_label(drawn.label, size=9)

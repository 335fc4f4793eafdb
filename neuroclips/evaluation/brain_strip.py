"""The strip as files: a film of every row, strip.png with scores, and from_brain.json."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patheffects import withStroke
from torch import Tensor

from neuroclips.evaluation.brain_share import HEADLINE, line
from neuroclips.evaluation.brains import BRAINS
from neuroclips.evaluation.from_brain import FromBrain, Row, heading, record
from neuroclips.files import whole_files, write_json
from neuroclips.media import to_uint8, write_video
from neuroclips.metrics.scores import ABOUT

PICTURE, RECORD, TRUTH = "strip.png", "from_brain.json", "truth.mp4"
MOMENTS = (1 / 8, 1 / 2, 7 / 8)  # of a film, that are drawn
REAL, FLOOR, OTHER, CEILING = "#5b2fc4", "#b9b1cf", "#8f86b5", "#2c7a4b"
FOOT = (
    "floor: the mean of the pale bars, films that know nothing of this clip; ceiling: the same generator, given the "
    "truth; p: how often the truth of another clip of this minute of film fits the real film as well"
)
HALO = [withStroke(linewidth=2, foreground="white")]
SCALE = {"frame_2_way": (0, 1), "video_2_way": (0, 1)}  # others: of what is drawn


def file_of(name: str) -> str:
    """The film of a row."""
    return f"{name.replace(' ', '-')}.mp4"


def save(folder: Path, found: FromBrain) -> None:
    """Write all files in the place of earlier ones: all of them, or none. from_brain.json comes last."""
    films = {file_of(row.name): row.result for row in found.rows if row.result}
    gone = (PICTURE, TRUTH, *map(file_of, BRAINS))
    with whole_files(folder, RECORD, gone=gone) as new:
        for name, result in films.items():
            write_video(new / name, result.reconstruction.video, result.fps)
        if (real := found.rows[0].result) is not None and real.truth is not None:
            write_video(new / TRUTH, real.truth, real.fps)
        figure(found).savefig(new / PICTURE, dpi=100)
        write_json(new / RECORD, record(found))


def figure(found: FromBrain) -> Figure:
    """A column for the truth, where there is one, and for each row; below, their scores between floor and ceiling."""
    truth = found.rows[0].result.truth if found.rows[0].result else None
    columns = ([("what was shown", truth, None)] if truth is not None else []) + [
        (BRAINS[row.name].label, row.result.reconstruction.video if row.result else None, row) for row in found.rows
    ]
    n_scored = len(found.shares)
    made = Figure(
        figsize=(1.45 * len(columns) + 1.2, 1.45 * len(MOMENTS) + 1.1 * n_scored + 1.1),
        layout=ConstrainedLayoutEngine(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0.02),
    )
    grid = made.add_gridspec(
        len(MOMENTS) + n_scored, len(columns), height_ratios=[1.45] * len(MOMENTS) + [1] * n_scored
    )
    for column, (label, film, row) in enumerate(columns):
        _frames([made.add_subplot(grid[i, column]) for i in range(len(MOMENTS))], label, film, row)
    for i, metric in enumerate(found.shares):
        _scores(
            made.add_subplot(grid[len(MOMENTS) + i, :]), metric, found, int(truth is not None), last=i == n_scored - 1
        )
    made.suptitle(_title(found), fontsize=11)
    made.supxlabel(FOOT if n_scored else "", fontsize=8)
    return made


def _title(found: FromBrain) -> str:
    said = line(found.shares) if found.shares else "no films to compare with: not scored"
    return fill(f"Is it from the brain? For {heading(found)}: {said}", 150)


def _frames(axes: list[Axes], label: str, film: Tensor | None, row: Row | None) -> None:
    axes[0].set_title(label.replace("another subject’s", "another\nsubject’s"), fontsize=8)
    for one, moment in zip(axes, MOMENTS, strict=True):
        one.set(xticks=[], yticks=[])
        one.spines[:].set_visible(False)
        if film is not None:
            one.imshow(to_uint8(film[min(int(moment * len(film)), len(film) - 1)]))
    if film is None and row is not None:
        axes[1].text(0.5, 0.5, fill(row.why, 30), ha="center", va="center", fontsize=5, transform=axes[1].transAxes)


def _scores(axes: Axes, metric: str, found: FromBrain, first: int, last: bool) -> None:
    """Bars of one score under their films, with lines for floor and ceiling."""
    share, about = found.shares[metric], ABOUT[metric]
    places = [(first + i, row) for i, row in enumerate(found.rows) if row.scores]
    values = np.array([getattr(row.scores, metric) for _, row in places])
    colours = [REAL if i == first else FLOOR if BRAINS[row.name].floor else OTHER for i, row in places]
    axes.bar([place for place, _ in places], values, 0.62, color=colours)
    for (place, _), value in zip(places, values, strict=True):
        axes.annotate(
            f"{value:.2f}",
            (place, value),
            (0, 1),
            textcoords="offset points",
            ha="center",
            fontsize=7,
            path_effects=HALO,
        )
    for value, colour, name in ((share.floor, "#555555", "floor"), (share.ceiling, CEILING, "ceiling")):
        if value is not None:
            axes.axhline(value, color=colour, linewidth=1, linestyle="--" if name == "floor" else "-")
            axes.text(-0.45, value, f" {name} {value:.2f}", color=colour, fontsize=7, va="bottom")
    known = [*values, *(value for value in (share.floor, share.ceiling, 0.0) if value is not None)]
    low, high = SCALE.get(metric, (min(known), max(known)))
    axes.set(xlim=(-0.5, first + len(found.rows) - 0.5), ylim=(low, high + 0.22 * (high - low)), xticks=[], yticks=[])
    axes.spines[["top", "right", "left"]].set_visible(False)
    told = line(found.shares, metric).removeprefix(f"brain share of {about.label}: ")
    axes.set_title(
        f"{about.title}: brain share {told}", fontsize=8, loc="left", weight="bold" if metric == HEADLINE else None
    )

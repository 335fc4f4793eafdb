"""The lesion matrix as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from neuroclips.evaluation.steps import ABOUT
from neuroclips.files import whole_file


def heat_map(report: Mapping[str, Any], path: Path, subject: str = "mean") -> Path:
    """Write the drops of a report: regions by metrics, coloured by their share of what the whole brain is worth.

    Bold is p < 0.05. subject : a key of report["subjects"], or "mean".
    """
    from matplotlib.figure import Figure

    cells = report["mean"] if subject == "mean" else report["subjects"][subject]["cells"]
    metrics, groups, whole = list(report["steps"]), report["groups"], report["whole"]
    share = np.array([[cells[m][g]["drop"] / (cells[m][whole]["drop"] or np.nan) for m in metrics] for g in groups])
    figure = Figure(figsize=(1.05 * len(metrics) + 2.6, 0.34 * len(groups) + 2), layout="constrained")
    axes = figure.subplots()
    picture = axes.imshow(share, cmap="RdBu_r", vmin=-0.5, vmax=0.5, aspect="auto")
    axes.set_xticks(range(len(metrics)), [ABOUT[m].replace(": ", "\n") for m in metrics], fontsize=7)
    axes.set_yticks(range(len(groups)), groups, fontsize=8)
    for row, group in enumerate(groups):
        for column, metric in enumerate(metrics):
            cell, light = cells[metric][group], abs(share[row, column]) > 0.35
            told = axes.text(column, row, f"{cell['drop']:.3f}", ha="center", va="center", fontsize=7)
            told.set(weight="bold" if cell["p"] < 0.05 else "normal", color="white" if light else "black")
    figure.colorbar(picture, ax=axes, label="share of the whole brain's worth", shrink=0.8)
    whose = "mean of simulated subjects" if subject == "mean" else f"simulated subject {subject}"
    axes.set_title(f"Drop of each score with a region silenced, {whose}; demo judges", fontsize=9)
    with whole_file(path) as partial:
        figure.savefig(partial, format=path.suffix.removeprefix(".") or "png", dpi=150)
    return path

"""Figures by matplotlib."""

from __future__ import annotations

import matplotlib

matplotlib.use("Agg")
from matplotlib.figure import Figure  # noqa: E402 - the backend comes first


def loss_figure(steps: list[int], losses: list[float], title: str) -> Figure:
    """Loss of a training run, raw and smoothed over 20 steps."""
    figure = Figure(figsize=(7, 3), layout="constrained")
    axes = figure.subplots()
    axes.plot(steps, losses, color="#b9a6e8", linewidth=0.8, label="each step")
    smooth = [sum(losses[max(0, i - 19) : i + 1]) / len(losses[max(0, i - 19) : i + 1]) for i in range(len(losses))]
    axes.plot(steps, smooth, color="#5b2fc4", label="mean of 20")
    axes.set(xlabel="step", ylabel="loss", title=title)
    axes.legend(frameon=False)
    return figure

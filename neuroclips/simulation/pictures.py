"""Pictures of the simulated dataset for docs/: contact sheets of films, and the true maps on the flat cortex."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from neuroclips import viz
from neuroclips.simulation import films
from neuroclips.simulation.features import SEMANTIC_NAMES
from neuroclips.simulation.render import PAINTERS, render
from neuroclips.simulation.retinotopy import MAX_ECCENTRICITY
from neuroclips.simulation.shots import Shot, web_shot
from neuroclips.simulation.subjects import Truth, draw_truth

EDGE = 144  # [pixels] of a frame in a contact sheet


def _sheet(rows: list[list[np.ndarray]]) -> Image.Image:
    return Image.fromarray(np.concatenate([np.concatenate(row, 1) for row in rows], 0))


def scenes_sheet(n_shots: int = 4) -> Image.Image:
    """Two moments of `n_shots` web shots of every scene, a scene per row."""
    found: dict[str, list[Shot]] = {name: [] for name in PAINTERS}
    index = 0
    while any(len(shots) < n_shots for shots in found.values()):
        shot = web_shot(index)
        index += 1
        if len(found[shot.scene]) < n_shots:
            found[shot.scene].append(shot)
    return _sheet([[render(s, t, EDGE) for s in shots for t in (0.4, 2.4)] for shots in found.values()])


def film_sheet(kind: str, film: int, n_rows: int = 6, n_columns: int = 8) -> Image.Image:
    """One frame a second of a film, in reading order."""
    times = iter(np.arange(n_rows * n_columns, dtype=float))
    return _sheet(
        [[films.frame_at(kind, film, next(times) + 20, EDGE) for _ in range(n_columns)] for _ in range(n_rows)]
    )


def truth_maps(truth: Truth, title: str):
    """Eccentricity, angle, field size, reliability and two semantic axes on the flat map."""
    reliability = np.where(truth.snr > 0, truth.snr**2 / (1 + truth.snr**2), np.nan)
    axes = [
        np.where((w := truth.semantic[SEMANTIC_NAMES.index(name)]) != 0, w, np.nan) for name in ("face", "scene forest")
    ]
    return viz.truth_figure(
        [
            (truth.eccentricity, "eccentricity", "viridis_r", 0, MAX_ECCENTRICITY, "[deg]"),
            (
                truth.angle,
                "polar angle",
                "Spectral",
                -90,
                90,
                "[deg] from the contralateral horizontal: 90 up, -90 down",
            ),
            (truth.size, "receptive field size", "magma_r", 0, 6, "[deg] standard deviation"),
            (reliability, "reliability", "inferno", 0, 0.7, "expected correlation of two showings"),
            (axes[0], "semantic axis: face", "RdBu_r", -2, 2, "weight"),
            (axes[1], "semantic axis: forest scenes", "RdBu_r", -2, 2, "weight"),
        ],
        title,
    )


def write_all(folder: Path) -> list[Path]:
    """Write films.jpg, film.jpg and truth.png into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in ("films.jpg", "film.jpg", "truth.png")]
    scenes_sheet().save(paths[0], quality=88)
    film_sheet("test", 0).save(paths[1], quality=88)
    truth_maps(draw_truth(1), "Simulated subject 1: what is true").savefig(paths[2], dpi=80)
    return paths

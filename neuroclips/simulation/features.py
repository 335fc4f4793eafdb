"""What a film holds for a simulated brain: motion energy, colour and semantic axes, one row per second.

Motion energy is pymoten's (Nishimoto et al. 2011); semantic axes are the hand-made ones of the vocabulary.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from functools import lru_cache

import moten
import numpy as np

from neuroclips.simulation import films
from neuroclips.simulation.films import N_TR, TR
from neuroclips.simulation.vocabulary import AXES, CLASS_NAMES, OBJECTS, SCENES

PIXELS = 32
FPS = 8  # [Hz]
ROW = 1.0  # [s] per row of features
GRID = 12  # colour cells per side
SEMANTIC_NAMES = (*AXES, *SCENES, *CLASS_NAMES)  # broad axes, scenes, and object identity


@dataclass(frozen=True)
class Features:
    """Rows are seconds of a film (480 for a whole one); columns are standardised later, over training films."""

    energy: np.ndarray  # (n_rows, n_filters)
    colour: np.ndarray  # (n_rows, 3, GRID * GRID): luminance, red-green, blue-yellow
    semantic: np.ndarray  # (n_rows, n_names): what SEMANTIC_NAMES lists

    def __iter__(self):
        return iter((self.energy, self.colour.reshape(len(self.colour), -1), self.semantic))


@lru_cache(maxsize=1)
def pyramid() -> moten.pyramids.MotionEnergyPyramid:
    return moten.pyramids.MotionEnergyPyramid(
        stimulus_vhsize=(PIXELS, PIXELS), stimulus_fps=FPS, temporal_frequencies=[0, 2],
        spatial_frequencies=[0, 2, 4, 8], filter_temporal_width=5,
    )  # fmt: skip


def film_features(kind: str, film: int) -> Features:
    """Features of one film of 240 TRs."""
    n_frames = int(N_TR * TR * FPS)
    frames, semantic = [], np.zeros((n_frames, len(SEMANTIC_NAMES)), np.float32)
    for i in range(n_frames):
        shot = films.shot_at(kind, film, i / FPS)
        frames.append(films.render(shot, i / FPS - shot.start, PIXELS))
        semantic[i] = _semantic(shot, i / FPS - shot.start)
    rgb = np.stack(frames).astype(np.float32) / 255  # (n_frames, H, W, 3)
    with contextlib.redirect_stderr(io.StringIO()):  # pymoten draws a bar per film
        energy = pyramid().project_stimulus(100 * rgb.mean(-1))  # (n_frames, n_filters)
    return Features(_per_row(np.sqrt(np.maximum(energy, 0))), _per_row(_opponent(rgb)), _per_row(semantic))


def _per_row(values: np.ndarray) -> np.ndarray:
    return values.reshape(-1, int(ROW * FPS), *values.shape[1:]).mean(1).astype(np.float32)


def _opponent(rgb: np.ndarray) -> np.ndarray:
    """(n_frames, H, W, 3) to luminance, red-green, blue-yellow of coarse cells, (n_frames, 3, GRID * GRID)."""
    edges = np.linspace(0, PIXELS, GRID + 1).astype(int)
    cells = np.add.reduceat(np.add.reduceat(rgb, edges[:-1], axis=1), edges[:-1], axis=2)
    cells /= (np.diff(edges)[:, None] * np.diff(edges)[None, :])[None, :, :, None]
    r, g, b = np.moveaxis(cells, -1, 0)
    return np.stack([(r + g + b) / 3, r - g, b - (r + g) / 2], 1).reshape(len(rgb), 3, -1)


def _semantic(shot: films.Shot, time: float) -> np.ndarray:
    """Object axes and identity weighted by how large the object is, and the scene."""
    size = films.pose(shot, time)[2]
    objects = [size * OBJECTS[shot.name].axes.get(axis, 0.0) for axis in AXES]
    identity = [size * (shot.name == name) for name in CLASS_NAMES]
    return np.array([*objects, *(0.6 * (shot.scene == s) for s in SCENES), *identity], np.float32)

"""What a film holds for a simulated brain: motion energy, colour and semantic axes, one row per second.

Motion energy is pymoten's (Nishimoto et al. 2011); semantic axes are the hand-made ones of the vocabulary: no CLIP
has a part in them.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import moten
import numpy as np

from neuroclips.simulation import films
from neuroclips.simulation.motion import pose
from neuroclips.simulation.shots import N_TR, TR, Shot, shot_at
from neuroclips.simulation.vocabulary import AXES, CLASS_NAMES, OBJECTS, SCENE_AXES

RENDERED, PIXELS = 64, 32  # frames are rendered at 64 pixels and seen at 32
FPS = 8  # [Hz]
ROW = 1.0  # [s] per row of features
GRID = 12  # colour cells per side
SEMANTIC_NAMES = (*AXES, *SCENE_AXES, *CLASS_NAMES)  # broad axes, scenes, and object identity
KINDS = ("energy", "colour", "semantic")


@dataclass(frozen=True)
class Features:
    """Rows are seconds of a film (480 for a whole one)."""

    energy: np.ndarray  # (n_rows, n_filters): square root of motion energy
    colour: np.ndarray  # (n_rows, 3 * GRID * GRID): luminance, red-green, blue-yellow of coarse cells
    semantic: np.ndarray  # (n_rows, n_names): what SEMANTIC_NAMES lists


@lru_cache(maxsize=1)
def pyramid() -> moten.pyramids.MotionEnergyPyramid:
    return moten.pyramids.MotionEnergyPyramid(
        stimulus_vhsize=(PIXELS, PIXELS),
        stimulus_fps=FPS,
        temporal_frequencies=[0, 2],
        spatial_frequencies=[0, 2, 4, 8],
        filter_temporal_width=5,
    )


def film_features(kind: str, film: int, n_trs: int = N_TR) -> Features:
    """Features of the first `n_trs` TRs of a film."""
    n_frames = int(n_trs * TR * FPS)
    shots = [shot_at(kind, film, i / FPS) for i in range(n_frames)]
    semantic = np.stack([_semantic(s, i / FPS - s.start) for i, s in enumerate(shots)])
    return Features(*of_pixels(films.frames(kind, film, 0, n_frames, FPS, RENDERED)), _per_row(semantic))


def of_pixels(frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of motion energy and of colour of whole seconds of frames (n_frames, 64, 64, 3) uint8, at FPS."""
    seen = frames.astype(np.float32) / 255
    rgb = seen.reshape(len(seen), PIXELS, 2, PIXELS, 2, 3).mean((2, 4))  # (n_frames, 32, 32, 3)
    with contextlib.redirect_stderr(io.StringIO()):  # pymoten draws a bar per film
        energy = pyramid().project_stimulus(100 * rgb.mean(-1))  # (n_frames, n_filters)
    return _per_row(np.sqrt(np.maximum(energy, 0))), _per_row(_opponent(rgb))


def _per_row(values: np.ndarray) -> np.ndarray:
    return values.reshape(-1, int(ROW * FPS), *values.shape[1:]).mean(1).astype(np.float32)


def cell_places() -> tuple[np.ndarray, np.ndarray]:
    """x and y of the centres of the colour cells, in frames, (GRID * GRID,) each."""
    cell = (np.arange(GRID) + 0.5) / GRID
    return np.tile(cell, GRID), np.repeat(cell, GRID)


def _opponent(rgb: np.ndarray) -> np.ndarray:
    """(n_frames, H, W, 3) to luminance, red-green, blue-yellow of coarse cells, (n_frames, 3 * GRID * GRID)."""
    edges = np.linspace(0, PIXELS, GRID + 1).astype(int)
    cells = np.add.reduceat(np.add.reduceat(rgb, edges[:-1], axis=1), edges[:-1], axis=2)
    cells /= (np.diff(edges)[:, None] * np.diff(edges)[None, :])[None, :, :, None]
    r, g, b = np.moveaxis(cells, -1, 0)
    return np.stack([(r + g + b) / 3, r - g, b - (r + g) / 2], 1).reshape(len(rgb), -1)


def _semantic(shot: Shot, time: float) -> np.ndarray:
    """Axes and identity of every object, weighted by how large it is, and the scene by what is seen of it."""
    places = [pose(shot, time, which) for which in range(len(shot.names))]
    seen = 1 - 0.8 * places[0].width * places[0].height
    return semantic_axes({shot.scene: seen}, *zip(shot.names, (max(p.width, p.height) for p in places), strict=True))


def semantic_axes(scenes: Mapping[str, float], *things: tuple[str, float]) -> np.ndarray:
    """What SEMANTIC_NAMES lists, (n_names,): scenes by what is seen of them, things by name and size in frames."""
    found = np.zeros(len(SEMANTIC_NAMES), np.float32)
    for name, size in things:
        for axis, value in OBJECTS[name].axes.items():
            found[_PLACE[axis]] += size * value
        found[_PLACE[name]] += size
    for scene, seen in scenes.items():
        found[_PLACE[f"scene {scene}"]] = seen
    return found


_PLACE = {name: i for i, name in enumerate(SEMANTIC_NAMES)}
assert len(_PLACE) == len(SEMANTIC_NAMES), "axes, scenes and classes must have names of their own"

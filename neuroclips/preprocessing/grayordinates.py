"""Where the vertices of the cortex lie in a CIFTI file: rows are compared with the atlas, never counted."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from nibabel.cifti2 import BrainModelAxis

from neuroclips.brain.cortex import N_CORTEX, load_cortex
from neuroclips.errors import InputError
from neuroclips.preprocessing.layout import N_GRAYORDINATES

CORTEX = ("CIFTI_STRUCTURE_CORTEX_LEFT", "CIFTI_STRUCTURE_CORTEX_RIGHT")
N_MESH = 32_492  # vertices of each hemisphere in 32k fs_LR, with the medial wall
OTHER_MESHES = {  # by their number of vertices
    2_562: "fsaverage4",
    4_002: "4k fs_LR",
    10_242: "fsaverage5",
    40_962: "fsaverage6",
    59_292: "59k fs_LR",
    163_842: "fsaverage or 164k fs_LR",
}
# voxels of every structure below the cortex in the HCP's 91,282 grayordinates (Glasser et al. 2013)
SUBCORTEX = {
    "ACCUMBENS_LEFT": 135,
    "ACCUMBENS_RIGHT": 140,
    "AMYGDALA_LEFT": 315,
    "AMYGDALA_RIGHT": 332,
    "BRAIN_STEM": 3472,
    "CAUDATE_LEFT": 728,
    "CAUDATE_RIGHT": 755,
    "CEREBELLUM_LEFT": 8709,
    "CEREBELLUM_RIGHT": 9144,
    "DIENCEPHALON_VENTRAL_LEFT": 706,
    "DIENCEPHALON_VENTRAL_RIGHT": 712,
    "HIPPOCAMPUS_LEFT": 764,
    "HIPPOCAMPUS_RIGHT": 795,
    "PALLIDUM_LEFT": 297,
    "PALLIDUM_RIGHT": 260,
    "PUTAMEN_LEFT": 1060,
    "PUTAMEN_RIGHT": 1010,
    "THALAMUS_LEFT": 1288,
    "THALAMUS_RIGHT": 1248,
}
assert N_CORTEX + sum(SUBCORTEX.values()) == N_GRAYORDINATES


def cortical_rows(path: Path, axis: BrainModelAxis) -> np.ndarray:
    """(59412,) the row of every vertex of the atlas in a file with this axis, in any order; -1 where there is none.

    Raises InputError for hemispheres on other meshes than 32k fs_LR, and for vertices that have two rows.
    """
    row = np.full(2 * N_MESH, -1)
    for hemisphere, name in enumerate(CORTEX):
        rows = np.flatnonzero(axis.name == name)
        if len(rows):
            _check_mesh(path, name, int(axis.nvertices[name]))
            vertices = axis.vertex[rows]
            _check_vertices(path, name, vertices)
            row[vertices + hemisphere * N_MESH] = rows
    return row[load_cortex().mesh_index]


def _check_mesh(path: Path, name: str, n_mesh: int) -> None:
    if n_mesh != N_MESH:
        known = f" ({OTHER_MESHES[n_mesh]})" if n_mesh in OTHER_MESHES else ""
        raise InputError(
            f"{path}: got {name} on a mesh of {n_mesh:,} vertices{known}, expected {N_MESH:,} (32k fs_LR): resample it "
            "with wb_command -cifti-resample"
        )


def _check_vertices(path: Path, name: str, vertices: np.ndarray) -> None:
    if vertices.max() >= N_MESH:
        raise InputError(f"{path}: got vertex {vertices.max():,} of {name}, expected 0 to {N_MESH - 1}: copy it again")
    if twice := len(vertices) - len(np.unique(vertices)):
        raise InputError(f"{path}: got {twice:,} vertices of {name} in two rows, expected one row each")


def refuse_missing(path: Path, rows: np.ndarray) -> None:
    """Raises InputError when some vertices that are needed have no row in the file; rows : those of all that are."""
    if missing := int((rows < 0).sum()):
        raise InputError(
            f"{path}: got no row for {missing:,} of {len(rows):,} cortical vertices that are needed, expected those of "
            "the HCP's 32k fs_LR grayordinates (without the medial wall): map the data to these"
        )


@lru_cache(maxsize=1)
def standard_rows() -> BrainModelAxis:
    """The axis of 91,282 grayordinates; places below the cortex are stand-ins on a grid."""
    cortex = load_cortex()
    n_left = int(cortex.left.sum())
    axis = BrainModelAxis.from_surface(cortex.mesh_index[:n_left], N_MESH, CORTEX[0])
    axis += BrainModelAxis.from_surface(cortex.mesh_index[n_left:] - N_MESH, N_MESH, CORTEX[1])
    shape, first = (91, 109, 91), 0
    affine = np.array([[-2.0, 0, 0, 90], [0, 2, 0, -126], [0, 0, 2, -72], [0, 0, 0, 1]])  # MNI, 2 mm
    for name, count in SUBCORTEX.items():
        voxels = np.stack(np.unravel_index(np.arange(first, first + count), shape), 1)
        axis += BrainModelAxis(f"CIFTI_STRUCTURE_{name}", voxel=voxels, affine=affine, volume_shape=shape)
        first += count
    return axis

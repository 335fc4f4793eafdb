"""The paper that flat maps are drawn on: what lies under every pixel, the folds, and the borders of areas as lines."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from neuroclips.brain.cortex import N_CORTEX, load_cortex
from neuroclips.brain.meshes import FlatMesh, load_flat_mesh
from neuroclips.brain.raster import Raster, rasterize

WIDTH = 1300  # [pixels]
TONES = np.array([112, 134, 156], np.uint8)  # greys of fundi, walls and crowns
DEPTHS = (-0.35, 0.35)  # [mm] of mean sulcal depth, between which a wall is


@dataclass(frozen=True)
class Sheet:
    """Pictures are (height, width); where there is no cortex rows and areas are -1."""

    rows: np.ndarray  # grayordinate under every pixel
    areas: np.ndarray  # number of its area, from 0; those of the right hemisphere behind those of the left
    names: list[str]  # of areas by number
    grey: np.ndarray  # uint8, of the folds
    borders: list[np.ndarray]  # lines (n, 2) [pixels]
    box: tuple[float, float, float, float]  # what is shown of it [pixels]: left, right, bottom, top


@lru_cache(maxsize=4)
def sheet(left: Path | None = None, right: Path | None = None, zoom: tuple[int, ...] = ()) -> Sheet:
    """Both hemispheres side by side.

    left, right : files of other flat meshes; zoom : numbers of grayordinates, around which the sheet ends.
    """
    cortex, mesh = load_cortex(), load_flat_mesh(left, right)
    part, box = (mesh, None) if not zoom else _around(mesh, cortex.mesh_index[list(zoom)])
    raster = rasterize(part, WIDTH)
    row, area = np.full(len(mesh.xy), -1), np.full(len(mesh.xy), -1)
    row[cortex.mesh_index] = np.arange(N_CORTEX)
    plain = sorted(set(cortex.area.tolist()) - {""})
    number = {name: i for i, name in enumerate(plain)} | {"": -1}
    own = np.array([number[name] for name in cortex.area])
    area[cortex.mesh_index] = np.where((own >= 0) & ~cortex.left, own + len(plain), own)
    nearest = raster.nearest
    grey = TONES[np.digitize(-(mesh.sulcal_depth[raster.corners] * raster.weights).sum(1), DEPTHS)]
    lines = [raster.places(line) for line in border_lines(part, area)]
    return Sheet(
        raster.filled(row[nearest], -1),
        raster.filled(area[nearest], -1),
        [*plain, *plain],
        raster.filled(grey, 255),
        lines,
        _shown(raster, box),
    )


def _around(mesh: FlatMesh, vertices: np.ndarray) -> tuple[FlatMesh, np.ndarray]:
    """The part of a mesh around most of the vertices, and its box (2, 2) [mm]: low and high corner."""
    placed = np.zeros(len(mesh.xy), bool)
    placed[mesh.faces] = True
    xy = mesh.xy[vertices[placed[vertices]]]
    box = np.stack([np.percentile(xy, 2, 0) - 8, np.percentile(xy, 98, 0) + 8])
    inside = ((mesh.xy > box[0] - 6) & (mesh.xy < box[1] + 6)).all(1)
    return FlatMesh(mesh.xy, mesh.faces[inside[mesh.faces].all(1)], mesh.sulcal_depth), box


def _shown(raster: Raster, box: np.ndarray | None) -> tuple[float, float, float, float]:
    if box is None:
        return -0.5, raster.width - 0.5, raster.height - 0.5, -0.5
    (left, bottom), (right, top) = raster.places(box)
    return max(left, -0.5), min(right, raster.width - 0.5), min(bottom, raster.height - 0.5), max(top, -0.5)


def border_lines(mesh: FlatMesh, label: np.ndarray) -> list[np.ndarray]:
    """Lines (n, 2) [mm] between vertices of different labels, smoothed.

    They run through the middles of edges whose ends differ, and through the middle of triangles with three labels.
    """
    faces = mesh.faces[(label[mesh.faces] != label[mesh.faces[:, :1]]).any(1)]
    ends = np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]], axis=2)  # (n_faces, 3, 2)
    differ = label[ends[..., 0]] != label[ends[..., 1]]  # (n_faces, 3)
    edges, which = np.unique(ends[differ], axis=0, return_inverse=True)
    n_mixed, three = len(edges), differ.all(1)
    points = np.concatenate([mesh.xy[edges].mean(1), mesh.xy[faces[three]].mean(1)])
    node = np.full(differ.shape, -1)
    node[differ] = which.ravel()
    centres = n_mixed + np.arange(three.sum())
    joined = [node[~three][differ[~three]].reshape(-1, 2)]
    joined += [np.stack([centres, node[three][:, side]], 1) for side in range(3)]
    return [_smoothed(points[chain]) for chain in _chains(np.concatenate(joined))]


def _chains(joined: np.ndarray) -> list[list[int]]:
    """Lines of nodes from pairs (n, 2): each goes on until nodes that do not have two neighbours, or is a ring."""
    beside: dict[int, set[int]] = defaultdict(set)
    for a, b in joined.tolist():
        beside[a].add(b)
        beside[b].add(a)
    crossings = {node for node, others in beside.items() if len(others) != 2}
    chains = []
    for start in [*sorted(crossings), *beside]:
        while beside[start]:
            chain = [start]
            while beside[chain[-1]] and (len(chain) == 1 or chain[-1] not in crossings):
                step = beside[chain[-1]].pop()
                beside[step].discard(chain[-1])
                chain.append(step)
            chains.append(chain)
    return chains


def _smoothed(line: np.ndarray) -> np.ndarray:
    for _ in range(2):
        line = np.concatenate([line[:1], (line[:-2] + 2 * line[1:-1] + line[2:]) / 4, line[-1:]])
    return line

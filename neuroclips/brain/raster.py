"""Scan-convert the flat mesh once into look-up pictures, so that a browser can draw any map from one byte a vertex.

Run by `python -m neuroclips brain-pictures`, which writes assets/brain: the browser then needs no mesh to draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from neuroclips.brain.cortex import load_cortex
from neuroclips.brain.meshes import FlatMesh, load_flat_mesh
from neuroclips.files import write_json
from neuroclips.paths import ASSETS

WIDTH = 1800  # [pixels]: a map of 900 is sharp on a screen of two pixels each
EXACT: dict[str, Any] = {"lossless": True, "exact": True, "quality": 100, "method": 6}  # of WebP
UNDER: dict[str, Any] = {"quality": 85, "method": 6}


@dataclass(frozen=True)
class Raster:
    """Covered pixels of a picture and what lies under them."""

    width: int
    height: int
    pixels: np.ndarray  # (n,) flat index of every covered pixel
    corners: np.ndarray  # (n, 3) vertex ids of its triangle
    weights: np.ndarray  # (n, 3) barycentric weights
    low: np.ndarray  # (2,) [mm] corner of the picture, left and below
    scale: float  # [pixels per mm]

    @property
    def nearest(self) -> np.ndarray:
        return self.corners[np.arange(len(self.pixels)), self.weights.argmax(1)]

    def places(self, xy: np.ndarray) -> np.ndarray:
        """Points (n, 2) [mm] of the mesh in pixels: to the right, and down."""
        right, up = ((xy - self.low) * self.scale).T
        return np.stack([right, self.height - 1 - up], 1)

    def filled(self, values: np.ndarray, none: float) -> np.ndarray:
        """Values (n,) of the covered pixels as (height, width), `none` elsewhere."""
        image = np.full(self.width * self.height, none, values.dtype)
        image[self.pixels] = values
        return image.reshape(self.height, self.width)

    def picture(self, channels: np.ndarray) -> Image.Image:
        """RGBA picture with `channels` (n, k <= 4) uint8 at the covered pixels, opaque there."""
        image = np.zeros((self.width * self.height, 4), np.uint8)
        image[self.pixels, : channels.shape[1]] = channels
        image[self.pixels, 3] = 255
        return Image.fromarray(image.reshape(self.height, self.width, 4))


def rasterize(mesh: FlatMesh, width: int = WIDTH) -> Raster:
    """Find the triangle under every pixel by testing, for all triangles at once, each offset in their boxes."""
    used = mesh.xy[np.unique(mesh.faces)]
    low, high = used.min(0) - 4, used.max(0) + 4
    scale = (width - 1) / (high[0] - low[0])
    height = int(np.ceil((high[1] - low[1]) * scale)) + 1
    points = (mesh.xy - low) * scale
    points[:, 1] = height - 1 - points[:, 1]
    triangles = points[mesh.faces]  # (n_faces, 3, 2)
    first = np.floor(triangles.min(1)).astype(int)
    last = np.ceil(triangles.max(1)).astype(int)
    owner, weights = np.full(width * height, -1), np.zeros((width * height, 3))
    spans = last - first
    for dy in range(spans[:, 1].max() + 1):
        tall = np.flatnonzero(spans[:, 1] >= dy)
        for dx in range(spans[tall, 0].max() + 1):
            here = tall[spans[tall, 0] >= dx]
            x, y = first[here, 0] + dx, first[here, 1] + dy
            share = _barycentric(triangles[here], x, y)
            inside = (share >= -1e-4).all(1) & (x >= 0) & (x < width) & (y >= 0) & (y < height)
            at = (y * width + x)[inside]
            owner[at], weights[at] = here[inside], share[inside]
    pixels = np.flatnonzero(owner >= 0)
    return Raster(width, height, pixels, mesh.faces[owner[pixels]], weights[pixels], low, scale)


def _barycentric(triangles: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Weights (n, 3) of points (x, y) in triangles (n, 3, 2); degenerate triangles give -1."""
    (ax, ay), (bx, by), (cx, cy) = (triangles[:, i].T for i in range(3))
    area = (by - cy) * (ax - cx) + (cx - bx) * (ay - cy)
    safe = np.where(np.abs(area) < 1e-9, np.nan, area)
    first = ((by - cy) * (x - cx) + (cx - bx) * (y - cy)) / safe
    second = ((cy - ay) * (x - cx) + (ax - cx) * (y - cy)) / safe
    return np.nan_to_num(np.stack([first, second, 1 - first - second], 1), nan=-1.0)


def write_pictures(folder: Path = ASSETS / "brain") -> Path:
    """Write index, area, underlay and border pictures and the area names."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn, names = pictures()
    for name, picture in drawn.items():
        picture.save(folder / f"{name}.webp", **(UNDER if name == "under" else EXACT))
    write_json(folder / "names.json", names)
    return folder


def pictures() -> tuple[dict[str, Image.Image], list[str]]:
    """The pictures by name, and the names of areas by number: 0 is none."""
    mesh, cortex = load_flat_mesh(), load_cortex()
    raster = rasterize(mesh)
    names = sorted(set(cortex.area.tolist()) - {""})
    area, row = np.zeros(len(mesh.xy), int), np.zeros(len(mesh.xy), int)
    area[cortex.mesh_index] = [names.index(a) + 1 if a else 0 for a in cortex.area]
    row[cortex.mesh_index] = np.arange(len(cortex.area)) + 1
    nearest = raster.nearest
    depth = (mesh.sulcal_depth[raster.corners] * raster.weights).sum(1)
    folds = np.repeat((165 + 32 * np.tanh(depth))[:, None].astype(np.uint8), 3, 1)
    under = {"index": _bytes(row[nearest]), "area": _bytes(area[nearest]), "under": folds}
    drawn = {name: raster.picture(channels) for name, channels in under.items()}
    return drawn | {"borders": _borders(raster, area[nearest])}, ["", *names]


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.stack([values & 255, values >> 8 & 255, values >> 16 & 255], 1).astype(np.uint8)


def _borders(raster: Raster, labels: np.ndarray) -> Image.Image:
    """Dark on both sides of where two areas meet."""
    flat = np.full(raster.width * raster.height, -1)
    flat[raster.pixels] = labels
    image = flat.reshape(raster.height, raster.width)
    edge = np.zeros(image.shape, bool)
    across, down = image[:, 1:] != image[:, :-1], image[1:] != image[:-1]
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    edge[1:] |= down
    edge[:-1] |= down
    rgba = np.zeros((*image.shape, 4), np.uint8)
    rgba[edge & (image >= 0)] = (20, 20, 20, 130)
    return Image.fromarray(rgba)

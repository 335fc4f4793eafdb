"""Where the names of areas stand on a flat map: inside their area where it is widest, and never over each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import ndimage

SQUEEZE = 0.5  # names are about twice as wide as high, so distances to the side count half
SMALLEST_PART = 0.25  # of an area, that is named by itself: V2 and V3 lie on both sides of V1
TRIES = 60  # places in an area where its name is tried


@dataclass(frozen=True)
class Name:
    text: str
    x: float  # [pixels of the sheet] of its middle, to the right
    y: float  # and down
    size: float  # [pixels of the sheet]


@cache
def outline(text: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertices (n, 2) of a text of font size 1 around its middle, upwards, their codes, and its width and height."""
    from matplotlib.textpath import TextPath

    path = TextPath((0, 0), text, size=1)
    low, high = path.vertices.min(0), path.vertices.max(0)
    return path.vertices - (low + high) / 2, path.codes, high - low


def place_names(
    areas: np.ndarray, names: list[str], wanted: Collection[int], sizes: tuple[float, float], box: tuple[float, ...]
) -> list[Name]:
    """Names of the areas that are wanted, large ones first; what finds no room is left out.

    areas : (height, width) numbers, -1 where there is no cortex; names : by number; sizes : smallest and largest
    [pixels]; box : left, right, bottom, top of what is shown [pixels].
    """
    inner = np.zeros(areas.shape, bool)  # pixels all of whose neighbours are of the same area
    inner[1:-1, 1:-1] = (areas[1:-1, 1:-1] == areas[:-2, 1:-1]) & (areas[1:-1, 1:-1] == areas[1:-1, :-2])
    room = ndimage.distance_transform_edt(inner, sampling=(1, SQUEEZE))
    placed: list[Name] = []
    taken = np.empty((0, 4))
    for number, part in sorted(_parts(areas, wanted), key=lambda found: -len(found[1])):
        places = _candidates(part, room)
        boxes, size = _boxes(names[number], places, room, sizes)
        free = np.flatnonzero(_inside(boxes, box) & ~_overlap(boxes, taken).any(1))
        if len(free):
            y, x = places[free[0]].tolist()
            placed.append(Name(names[number], x, y, float(size[free[0]])))
            taken = np.concatenate([taken, boxes[free[:1]]])
    return placed


def _parts(areas: np.ndarray, wanted: Collection[int]) -> Iterator[tuple[int, np.ndarray]]:
    """Number and pixels (n, 2) of the connected parts of every area that are large enough for a name."""
    for number, where in enumerate(ndimage.find_objects(areas + 1)):
        if where is None or number not in wanted:
            continue
        parts, n = ndimage.label(areas[where] == number)
        counts = np.bincount(parts.ravel(), minlength=n + 1)[1:]
        for i in np.flatnonzero(counts >= max(counts.max() * (1 if counts.max() < 400 else SMALLEST_PART), 12)):
            yield number, np.argwhere(parts == i + 1) + [where[0].start, where[1].start]


def _candidates(part: np.ndarray, room: np.ndarray) -> np.ndarray:
    best = part[np.argsort(-room[tuple(part.T)], kind="stable")]
    return best[:: max(1, len(best) // (2 * TRIES))][:TRIES]


def _boxes(text: str, places: np.ndarray, room: np.ndarray, sizes: tuple[float, float]):
    """Left, right, top, bottom (n, 4) [pixels] of a name at each place, with a little room, and its size (n,)."""
    extent = outline(text)[2]
    size = np.clip(2 * room[tuple(places.T)] / extent.max(), *sizes)
    wide, high = (size[:, None] * (extent / 2 + 0.2)).T
    y, x = places.T
    return np.stack([x - wide, x + wide, y - high, y + high], 1), size


def _inside(boxes: np.ndarray, box: tuple[float, ...]) -> np.ndarray:
    left, right, bottom, top = box
    return (boxes[:, 0] > left) & (boxes[:, 1] < right) & (boxes[:, 2] > top) & (boxes[:, 3] < bottom)


def _overlap(boxes: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """(n, m): whether a box of n lies over one of m."""
    a, b = boxes[:, None], taken[None]
    return (a[..., 0] < b[..., 1]) & (a[..., 1] > b[..., 0]) & (a[..., 2] < b[..., 3]) & (a[..., 3] > b[..., 2])

"""Maps of the visual field on cortex: eccentricity and polar angle of every vertex of the retinotopic areas.

Sources: cortical magnification of V1 by Horton and Hoyt (1991); upper field ventral, lower field dorsal, mirror
reversal at every area border, and eccentricity growing away from the foveal confluence at the occipital pole, along
the calcarine sulcus, by Wandell, Dumoulin and Brewer (2007). Angles are the solution of Laplace's equation
on the mesh between an area's borders, as smooth as they can be between meridians (after Benson et al. 2014).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.sparse.linalg import spsolve
from scipy.spatial import cKDTree

from neuroclips.brain.cortex import N_CORTEX, load_cortex, load_edges

MAX_ECCENTRICITY = 12.0  # [deg]: a little more than the screen of cc2017 (20.3 deg wide) shows
HALF_MAGNIFICATION = 0.75  # [deg]: E2 of Horton and Hoyt (1991)
UPPER, HORIZONTAL, LOWER = 90.0, 0.0, -90.0  # meridians [deg]
MAPPED = ("V1", "V2", "V3", "V4", "V3A", "V3B", "V3CD", "V7")


@lru_cache(maxsize=1)
def visual_field() -> tuple[np.ndarray, np.ndarray]:
    """Eccentricity [deg] and polar angle [deg] of every vertex, (59412,) each; NaN outside the mapped areas.

    The angle is measured from the contralateral horizontal meridian: 90 is the upper vertical meridian, -90 the lower.
    """
    cortex = load_cortex()
    angle, along = np.full(N_CORTEX, np.nan), np.full(N_CORTEX, np.nan)
    for left in (True, False):
        dorsal = _is_dorsal(left)
        group = {a: np.flatnonzero((cortex.area == a) & (cortex.left == left)) for a in MAPPED}
        away = _distance(group["V1"][cortex.xyz[group["V1"], 1].argmin()])
        _fill_angles(angle, group, dorsal)
        for area, rows in group.items():
            halves = (rows[dorsal[rows]], rows[~dorsal[rows]]) if area in ("V2", "V3", "V4") else (rows,)
            for half in halves:  # every quarter field reaches from the fovea to the border of the field
                along[half] = away[half].argsort(kind="stable").argsort(kind="stable") / max(1, len(half) - 1)
    scale = np.log((MAX_ECCENTRICITY + HALF_MAGNIFICATION) / HALF_MAGNIFICATION)
    return HALF_MAGNIFICATION * (np.exp(along * scale) - 1), angle


def _distance(start: int) -> np.ndarray:
    """Way along the mesh from vertex `start` to every vertex [mm]; infinite in the other hemisphere."""
    edges, xyz = load_edges(), load_cortex().xyz
    lengths = np.linalg.norm(xyz[edges[:, 0]] - xyz[edges[:, 1]], axis=1)
    return dijkstra(coo_matrix((lengths, edges.T), (N_CORTEX, N_CORTEX)).tocsr(), directed=False, indices=start)


def _is_dorsal(left: bool) -> np.ndarray:
    """Above the middle of V1, followed along the calcarine: (59412,) bool."""
    cortex = load_cortex()
    y, z = cortex.xyz[(cortex.area == "V1") & (cortex.left == left)][:, 1:].T
    middle = np.polyfit(y, z, 2)
    return cortex.xyz[:, 2] > np.polyval(middle, np.clip(cortex.xyz[:, 1], y.min(), y.max()))


def _fill_angles(angle: np.ndarray, group: dict[str, np.ndarray], dorsal: np.ndarray) -> None:
    """Every area between its meridians; the angle runs the other way on the other side of each border."""
    upper_v2, lower_v2 = group["V2"][~dorsal[group["V2"]]], group["V2"][dorsal[group["V2"]]]
    angle[group["V1"]] = _between(group["V1"], {LOWER: lower_v2, UPPER: upper_v2})
    for half, meridian in ((dorsal, LOWER), (~dorsal, UPPER)):
        v2, v3, v4 = (group[a][half[group[a]]] for a in ("V2", "V3", "V4"))
        angle[v2] = _between(v2, {meridian: group["V1"], HORIZONTAL: group["V3"]})
        beyond = np.setdiff1d(np.arange(N_CORTEX), np.r_[group["V2"], group["V3"]])
        angle[v3] = _between(v3, {HORIZONTAL: group["V2"], meridian: beyond})
        beyond = np.setdiff1d(np.arange(N_CORTEX), np.r_[group["V3"], group["V4"]])
        angle[v4] = _between(v4, {meridian: group["V3"], HORIZONTAL: beyond})
    inner = np.r_[group["V3"], group["V4"]]
    for area in ("V3A", "V3B", "V3CD", "V7"):  # whole hemifields that begin at the lower meridian
        beyond = np.setdiff1d(np.arange(N_CORTEX), np.r_[group[area], inner])
        angle[group[area]] = _between(group[area], {LOWER: inner, UPPER: beyond})
        inner = np.r_[inner, group[area]]


def _between(rows: np.ndarray, borders: dict[float, np.ndarray]) -> np.ndarray:
    """Values (len(rows),) that are fixed where `rows` touch each of `borders`, and harmonic between them."""
    fixed = np.full(len(rows), np.nan)
    for value, others in borders.items():
        fixed[_touching(rows, others)] = value
    return _harmonic(rows, fixed)


def _touching(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Positions in `rows` of those with a neighbour among `others`."""
    member, other = np.zeros(N_CORTEX, bool), np.zeros(N_CORTEX, bool)
    member[rows], other[others] = True, True
    edges = load_edges()
    both = np.r_[edges, edges[:, ::-1]]
    touching = both[member[both[:, 0]] & other[both[:, 1]], 0]
    return np.flatnonzero(np.isin(rows, touching))


def _harmonic(rows: np.ndarray, fixed: np.ndarray) -> np.ndarray:
    """Solve Laplace's equation on the mesh of `rows`; NaN in `fixed` is free, islands take their nearest value."""
    place = np.full(N_CORTEX, -1)
    place[rows] = np.arange(len(rows))
    edges = place[load_edges()]
    edges = edges[(edges >= 0).all(1)]
    n, known = len(rows), ~np.isnan(fixed)
    ones = np.ones(len(edges))
    links = coo_matrix(
        (np.r_[ones, ones], (np.r_[edges[:, 0], edges[:, 1]], np.r_[edges[:, 1], edges[:, 0]])), (n, n)
    ).tocsr()
    degree = np.asarray(links.sum(1)).ravel()
    system = coo_matrix((degree + 1e-9, (range(n), range(n))), (n, n)).tocsr() - links
    free = np.flatnonzero(~known)
    values = np.where(known, fixed, 0.0)
    if len(free):
        values[free] = spsolve(system[free][:, free].tocsc(), (links[free] @ values))
    reached = _reached(links, known)
    if not reached.all():
        xyz = load_cortex().xyz[rows]
        values[~reached] = values[reached][cKDTree(xyz[reached]).query(xyz[~reached])[1]]
    return values


def _reached(links, known: np.ndarray) -> np.ndarray:
    """Which nodes are connected to a known one."""
    reached = known.copy()
    while True:
        grown = reached | (links @ reached.astype(float) > 0)
        if (grown == reached).all():
            return reached
        reached = grown

"""The clip's own activity: z of the fMRI samples of the shipped films, for the map and the traces beside the player.

A sample is one volume of 2 s; samples and films are lined up with the 4 s delay of the haemodynamic response (section
4.1 of the paper), so that sample k belongs to the middle of clip k.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import Any

import numpy as np
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from neuroclips.data.simulated import SimulatedDataset
from neuroclips.kept import kept_file
from neuroclips.paths import cache_dir
from neuroclips.reading import read_array
from neuroclips.ui.flatmap import quantised
from neuroclips.ui.web import PREFIX

ENDS = (-5.0, 5.0)  # [z] that values 0 and 1 of a byte stand for; what lies beyond is clipped
CHUNK = 30  # samples in a file, a minute: films begin at its multiples
BYTES = "application/octet-stream"
AN_HOUR = {"Cache-Control": "public, max-age=3600"}


@cache
def _dataset() -> SimulatedDataset:
    return SimulatedDataset()


@cache
def voxel_of(subject: int) -> np.ndarray:
    """(59412,) uint16: 1 + the voxel that stands for each grayordinate, 0 where there is none near."""
    index = _dataset().vertex_index(subject)
    path = cache_dir("shown") / f"voxels_{subject}_{len(index)}_{int(index.sum())}.npy"

    def work_out() -> None:
        from neuroclips.brain.weights_map import to_cortex  # it reads the meshes
        from neuroclips.files import save_array

        save_array(path, np.nan_to_num(to_cortex(np.arange(1, len(index) + 1), index)).astype(np.uint16))

    return kept_file(path, work_out, read_array)


@cache
def samples(subject: int, chunk: int) -> bytes:
    """(CHUNK, n_voxels) bytes: 1 + 254 v, of v from 0 to 1 between ENDS."""
    z = _dataset().test_samples(subject)[chunk * CHUNK : (chunk + 1) * CHUNK]
    return quantised(np.clip((z - ENDS[0]) / (ENDS[1] - ENDS[0]), 0, 1)).tobytes()


@cache
def traces(subject: int) -> bytes:
    """JSON: for each group of areas that has voxels, how many, and their mean z in every sample."""
    from neuroclips.brain.cortex import load_cortex
    from neuroclips.brain.regions import GROUPS

    data = _dataset()
    area, z = load_cortex().area[data.vertex_index(subject)], data.test_samples(subject)
    found: dict[str, Any] = {}
    for group, areas in GROUPS.items():
        if (here := np.isin(area, areas)).any():
            mean = z[:, here].mean(1, dtype=np.float64)
            found[group] = {"areas": areas, "n": int(here.sum()), "z": [round(float(each), 3) for each in mean]}
    return json.dumps(found).encode()


def _subject(request: Request) -> int:
    subject = request.path_params["subject"]
    if subject not in _dataset().info.n_voxels:
        raise HTTPException(404)
    return subject


def _voxels(request: Request) -> Response:
    plain, packed = _voxel_bytes(_subject(request))
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return _binary(plain)
    return Response(packed, media_type=BYTES, headers={**AN_HOUR, "Content-Encoding": "gzip"})


@cache
def _voxel_bytes(subject: int) -> tuple[bytes, bytes]:
    """`voxel_of` as it is and, a third of that, compressed."""
    plain = voxel_of(subject).astype("<u2").tobytes()
    return plain, gzip.compress(plain)


def _samples(request: Request) -> Response:
    chunk = request.path_params["chunk"]
    if chunk * CHUNK >= _dataset().info.n_clips:
        raise HTTPException(404)
    return _binary(samples(_subject(request), chunk))


def _binary(body: bytes) -> Response:
    return Response(body, media_type=BYTES, headers=AN_HOUR)


def _traces(request: Request) -> Response:
    return Response(traces(_subject(request)), media_type="application/json", headers=AN_HOUR)


ROUTES = [
    Route(f"{PREFIX}/activity/{{subject:int}}/voxels.bin", _voxels),
    Route(f"{PREFIX}/activity/{{subject:int}}/traces.json", _traces),
    Route(f"{PREFIX}/activity/{{subject:int}}/{{chunk:int}}.bin", _samples),
]

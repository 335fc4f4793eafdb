"""What the section "Lesions" fetches: which cortex words mean, scores of the steps of a film, and the stored matrix."""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from neuroclips import precomputed
from neuroclips.data.registry import load_dataset
from neuroclips.errors import InputError
from neuroclips.export import FILES
from neuroclips.lesions import SILENCES, Lesion
from neuroclips.paths import ASSETS
from neuroclips.types import Step
from neuroclips.ui import asked
from neuroclips.ui.shelf import SHELF, SHOWN
from neuroclips.ui.web import PREFIX

HOME = f"{PREFIX}/lesions"
MATRIX = ASSETS / "lesions" / "lesions.json"
ANEW = {"Cache-Control": "no-cache"}
# of Step: the files that a step's score is read from
SCORED = {"blurry": Step.BLURRY_VIDEO, "keyframe": Step.KEYFRAME}


def about() -> dict[str, Any]:
    """Which words there are for regions, and what may take the place of a silenced voxel."""
    from neuroclips.brain.regions import GROUPS, MORE, known_areas
    from neuroclips.evaluation.steps import ABOUT

    groups = {name: list(areas) for name, areas in (GROUPS | MORE).items()}
    shown = {"groups": groups, "first": list(GROUPS), "areas": known_areas(), "silences": SILENCES, "scores": ABOUT}
    return shown | {"matrix": MATRIX.is_file()}


def mask(values: Mapping[str, str]) -> dict[str, Any]:
    """Which of the 59,412 grayordinates a lesion silences, as bits, and how many voxels of a subject.

    Raises InputError for words that name no region, and for regions in which the subject has no voxel.
    """
    data = load_dataset()
    request = asked.request_of(asked.from_query({"clip": "0", **values}))
    edits = request.settings.edits if request.settings else ()
    if not edits or not isinstance(lesion := edits[0], Lesion):
        return {"n": 0, "of": data.info.n_voxels[request.subject], "bits": ""}
    from neuroclips.brain.regions import rows_of

    within = rows_of(lesion.regions)
    silenced = lesion.silenced(data, request.subject)
    bits = np.packbits(~within if lesion.keep else within, bitorder="little").tobytes()
    return {"n": int(silenced.sum()), "of": len(silenced), "bits": base64.b64encode(bits).decode()}


def of_files(files: Mapping[str, bytes], caption: str | None, clip: int) -> dict[str, float]:
    """Scores of those steps of a clip that are there, of what their files hold."""
    from neuroclips.evaluation import steps
    from neuroclips.media import read_image, read_video

    truth = load_dataset().stimulus(clip, 16)
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="neuroclips-") as folder:
        for name, body in files.items():
            path = Path(folder, name)
            path.write_bytes(body)
            blurry = path.suffix == ".mp4"
            seen = read_video(path) if blurry else read_image(path)[None]
            found |= steps.of_films("blurry" if blurry else "keyframe", [seen], truth)
    if caption:
        found |= steps.of_words([caption], clip)
    return {name: round(float(value[0]), 4) for name, value in found.items()}


@lru_cache(maxsize=512)
def _of_run(run: str, clip: int, _names: tuple[str, ...]) -> dict[str, float]:
    held = SHELF.files(run)
    caption = json.loads(held[SHOWN])["caption"] if SHOWN in held else ""  # words come with what is shown at the end
    names = [FILES[step] for step in SCORED.values()]
    return of_files({name: held[name] for name in names if name in held}, caption, clip)


@lru_cache(maxsize=512)
def _of_stored(subject: int, clip: int) -> dict[str, float]:
    summary = precomputed.load(subject, clip)
    if summary is None:
        raise HTTPException(404)
    paths = precomputed.files(subject, clip)
    return of_files({paths[s].name: paths[s].read_bytes() for s in SCORED.values()}, summary["caption"], clip)


def _run_steps(request: Request) -> Response:
    run, clip = request.path_params["run"], request.path_params["clip"]
    if clip >= load_dataset().info.n_clips or not (held := SHELF.files(run)):
        raise HTTPException(404)
    return JSONResponse(_of_run(run, clip, tuple(sorted(held))), headers=ANEW)


def _stored_steps(request: Request) -> Response:
    subject, clip = request.path_params["subject"], request.path_params["clip"]
    return JSONResponse(_of_stored(subject, clip), headers={"Cache-Control": "public, max-age=3600"})


def _mask(request: Request) -> Response:
    try:
        return JSONResponse(mask(request.query_params), headers=ANEW)
    except InputError as error:
        return Response(str(error), 400, media_type="text/plain")


def _matrix(request: Request) -> Response:
    return FileResponse(MATRIX, headers=ANEW) if MATRIX.is_file() else Response("there is no such file", 404)


ROUTES = [
    Route(f"{HOME}/about.json", lambda request: JSONResponse(about(), headers=ANEW)),
    Route(f"{HOME}/mask.json", _mask),
    Route(f"{HOME}/matrix.json", _matrix),
    Route(f"{HOME}/run/{{run}}/{{clip:int}}.json", _run_steps),
    Route(f"{HOME}/stored/{{subject:int}}/{{clip:int}}.json", _stored_steps),
]

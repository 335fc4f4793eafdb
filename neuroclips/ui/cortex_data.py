"""Layers of the cortical map for the page: which there are, their values per voxel, and what they mean per area.

One byte per voxel is sent; the page puts voxels on the cortex by `activity.voxel_of`. A model "difference" is that of
the Perception Reconstructor minus that of the Semantics one.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from neuroclips.brain import scales
from neuroclips.errors import InputError, MissingError
from neuroclips.maps import regions, stored
from neuroclips.maps.layers import BOTH, LAYERS, MODELS
from neuroclips.ui.flatmap import quantised
from neuroclips.ui.web import PREFIX

DIFFERENCE = "difference"  # as a layer: that of weights
SIGNED_WINDOW = (0.1, 1.0)  # of how far from zero a value of a signed layer lies
AN_HOUR = {"Cache-Control": "public, max-age=3600"}


def about() -> dict[str, Any]:
    """Layers, models and scales by name, and what is missing of each subject, in words."""
    layers = {name: _about(name) for name in LAYERS if name != DIFFERENCE}
    missing = {subject: _missing(subject) for subject in stored.SUBJECTS}
    return {"layers": layers, "models": MODELS, "scales": scales.TOLD, "missing": missing}


def _about(name: str) -> dict[str, Any]:
    layer = LAYERS[name]
    told = {key: getattr(layer, key) for key in ("label", "meaning", "unit", "models", "signed", "simulated", "scale")}
    return told | {"window": SIGNED_WINDOW if layer.signed else layer.bar}


def _missing(subject: int) -> dict[str, str]:
    """Layers of a subject that are not stored: what each needs."""
    try:
        there = {name for name, _ in stored.available(subject)}
    except InputError as error:
        return dict.fromkeys(LAYERS, str(error))
    return {
        name: f"{layer.label} is not stored for subject {subject}: it needs {layer.needs}"
        for name, layer in LAYERS.items()
        if name not in there
    }


@lru_cache(maxsize=64)
def layer_bytes(subject: int, name: str, model: str, scale: str) -> tuple[bytes, tuple[float, float]]:
    """(n_voxels,) bytes, 1 + 254 v, and what v = 0 and v = 1 stand for. Raises InputError for what there is not."""
    if model == DIFFERENCE:
        values, ends = scales.scaled(difference(subject, name), scale, signed=True)
    else:
        values, ends = stored.scaled(subject, name, model if LAYERS[name].models else None, scale)
    return quantised(values).tobytes(), ends


def difference(subject: int, name: str) -> np.ndarray:
    """(n_voxels,) of one layer: PR minus SR; where values are sizes, each in units of its own mean."""
    if not LAYERS[name].models:
        raise InputError(f"layer {name} is of no model, expected one of a model, such as weights")
    first, second = (stored.values(subject, name, model) for model in BOTH)
    return first - second if LAYERS[name].signed else scales.difference_of_means(first, second)


@lru_cache(maxsize=32)
def region_rows(subject: int, name: str) -> dict[str, Any]:
    """Areas of a subject: voxels, and per model [mean, low, high], None where one voxel tells of no other."""
    models = LAYERS[name].models or (None,)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for model in models:
        for row in regions.table(subject, name, model):
            side = "left" if row.hemisphere == "L" else "right"
            about = {"area": row.region, "side": side, "group": row.group, "n": row.voxels, "means": {}}
            numbers = [None if math.isnan(x) else float(f"{x:.4g}") for x in (row.mean, row.low, row.high)]
            found.setdefault((row.region, side), about)["means"][model or "none"] = numbers
    return {"models": [model or "none" for model in models], "rows": list(found.values()), "told": regions.NOTE}


def region_csv(subject: int, name: str) -> str:
    """The same as CSV, one model after the other."""
    models = LAYERS[name].models or (None,)
    parts = [regions.to_csv(regions.table(subject, name, model), subject, name, model) for model in models]
    return parts[0] + "".join(part.partition("\n")[2] for part in parts[1:])


def claims() -> dict[str, Any]:
    """What was worked out of the maps, {} where it was not."""
    try:
        return stored.stored_claims()
    except MissingError:
        return {}


def _checked(request: Request) -> tuple[int, str]:
    subject, name = request.path_params["subject"], request.path_params["layer"]
    if name not in LAYERS or subject not in stored.SUBJECTS:
        raise HTTPException(404)
    return subject, name


def _regions(request: Request) -> Response:
    try:
        return JSONResponse(region_rows(*_checked(request)), headers=AN_HOUR)
    except InputError as error:
        return Response(str(error), 404, media_type="text/plain")


def _csv(request: Request) -> Response:
    subject, name = _checked(request)
    try:
        body = region_csv(subject, name)
    except InputError as error:
        return Response(str(error), 404, media_type="text/plain")
    saved = {"Content-Disposition": f'attachment; filename="neuroclips-subject{subject}-{name}.csv"'}
    return Response(body, media_type="text/csv", headers=AN_HOUR | saved)


def _values(request: Request) -> Response:
    (subject, name), model, scale = _checked(request), request.path_params["model"], request.path_params["scale"]
    if model not in (*MODELS, DIFFERENCE, "none"):
        raise HTTPException(404)
    try:
        body, (low, high) = layer_bytes(subject, name, model, scale)
    except InputError as error:
        return Response(str(error), 404, media_type="text/plain")
    return Response(body, media_type="application/octet-stream", headers={**AN_HOUR, "X-Ends": f"{low:.6g},{high:.6g}"})


ROUTES = [
    Route(f"{PREFIX}/cortex/layers.json", lambda request: JSONResponse(about(), headers=AN_HOUR)),
    Route(f"{PREFIX}/cortex/claims.json", lambda request: JSONResponse(claims(), headers=AN_HOUR)),
    Route(f"{PREFIX}/cortex/{{subject:int}}/{{layer}}/regions.json", _regions),
    Route(f"{PREFIX}/cortex/{{subject:int}}/{{layer}}/regions.csv", _csv),
    Route(f"{PREFIX}/cortex/{{subject:int}}/{{layer}}/{{model}}/{{scale}}.bin", _values),
]

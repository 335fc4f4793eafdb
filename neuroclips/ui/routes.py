"""Everything the page fetches by itself: plain GETs, which never wait in a queue of reconstructions."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator, Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from neuroclips import pairs, precomputed
from neuroclips.data.simulated import THUMBNAILS
from neuroclips.errors import InputError
from neuroclips.paths import ASSETS
from neuroclips.ui import (
    activity,
    asked,
    catalogue,
    cortex_data,
    films,
    from_brain,
    lesions,
    live,
    looped,
    maps,
    own_weights,
    parcel,
    scored,
    sse,
    watching,
)
from neuroclips.ui.desk import DESK
from neuroclips.ui.encoded import KINDS
from neuroclips.ui.ranged import ranged
from neuroclips.ui.shelf import SHELF
from neuroclips.ui.web import PREFIX, STATIC

FOR_GOOD, AN_HOUR = ({"Cache-Control": f"public, max-age={age}"} for age in (31_536_000, 3_600))
ANEW = {"Cache-Control": "no-cache"}  # of addresses that hold other bytes after an upgrade


def routes() -> list[BaseRoute]:
    """For gradio's launch(app_kwargs={"routes": ...}), before gradio's own."""
    table: dict[str, Callable[[Request], Any]] = {
        "/catalogue.json": lambda request: _json(request, "catalogue"),
        "/films/{subject:int}.json": lambda request: _json(request, "films", request.path_params["subject"]),
        "/pairs.json": lambda request: FileResponse(pairs.PATH, headers=AN_HOUR) if pairs.PATH.exists() else _missing(),
        "/sheet.webp": lambda request: Response(catalogue.sheet(), media_type="image/webp", headers=AN_HOUR),
        "/truth/{clip:int}.mp4": _truth,
        "/stored/{subject:int}/{clip:int}/{name}": _stored,
        "/weights/{subject:int}/{model}.bin": _weights,
        "/runs/{run}/{name}": _run,
        "/command": _command,
        "/follow": _follow,
        "/trained.json": lambda request: JSONResponse(own_weights.listed()),
        "/brain/{name}": lambda request: _file(request, ASSETS / "brain"),
        "/thumbnails/{name}": lambda request: _file(request, THUMBNAILS),
        "/waiting.json": lambda request: JSONResponse(DESK.waiting()),
    }
    return [
        Route(f"{PREFIX}/static/{{version}}/{{name}}", lambda request: _file(request, STATIC, FOR_GOOD)),
        Route(f"{PREFIX}/leave/{{run}}", _leave, methods=["POST"]),
        *(Route(PREFIX + path, answer) for path, answer in table.items()),
        *watching.ROUTES,
        *scored.ROUTES,
        *activity.ROUTES,
        *cortex_data.ROUTES,
        *lesions.ROUTES,
        *looped.ROUTES,
        *from_brain.ROUTES,
    ]


def prepare() -> None:
    """Make what the first page asks for, so that it is there when it is asked for."""
    first, about = min(catalogue.catalogue()["subjects"].items())
    for name, *arguments in (("catalogue",), ("films", first)):
        _packed(name, *arguments)
    if (best := about["marks"].get("best")) is not None:
        films.ground_truth(best)
    catalogue.sheet()
    activity.voxel_of(first)


def _file(request: Request, folder: Path, headers: dict[str, str] = AN_HOUR) -> Response:
    """A file of a flat folder. No StaticFiles: behind a proxy that takes a root path off, it looks in a wrong place."""
    path = folder / request.path_params["name"]
    if path.parent != folder or not path.is_file():
        raise HTTPException(404)
    return FileResponse(path, headers=headers)


def _packed(name: str, *arguments: int) -> tuple[bytes, bytes]:
    """JSON of the catalogue, plain and compressed; made anew when something was evaluated."""
    return _packed_once(scored.stamp(), name, *arguments)


@lru_cache(maxsize=16)
def _packed_once(_stamp: tuple[int, ...], name: str, *arguments: int) -> tuple[bytes, bytes]:
    body = json.dumps(getattr(catalogue, name)(*arguments)).encode()
    return body, gzip.compress(body)


def _json(request: Request, name: str, *arguments: int) -> Response:
    _expect_subject(*arguments)
    plain, packed = _packed(name, *arguments)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(plain, media_type=KINDS[".json"])
    return Response(packed, media_type=KINDS[".json"], headers={"Content-Encoding": "gzip"})


def _expect_subject(subject: int = 1) -> None:
    if subject not in catalogue.catalogue()["subjects"]:
        raise HTTPException(404)


def _expect_clip(clip: int) -> None:
    if clip >= len(catalogue.catalogue()["clips"]):
        raise HTTPException(404)


def _truth(request: Request) -> Response:
    _expect_clip(clip := request.path_params["clip"])
    return FileResponse(films.ground_truth(clip), headers=AN_HOUR)


def _stored(request: Request) -> Response:
    subject, clip, name = (request.path_params[key] for key in ("subject", "clip", "name"))
    _expect_subject(subject)
    _expect_clip(clip)
    if (kind := "." + name.rpartition(".")[2]) in parcel.STORED:
        body = parcel.STORED[kind](subject, clip, name.removesuffix(kind))
        return _missing() if body is None else Response(body, media_type=KINDS[kind])
    path = precomputed.folder(subject) / f"{clip:03d}" / name
    return FileResponse(path, headers=AN_HOUR) if path.is_file() and name == path.name else _missing()


def _missing() -> Response:
    return Response("there is no such file", 404)


def _weights(request: Request) -> Response:
    _expect_subject(subject := request.path_params["subject"])
    if (model := request.path_params["model"]) not in maps.MODELS:
        raise HTTPException(404)
    return Response(maps.weights(subject, model), media_type="application/octet-stream", headers=AN_HOUR)


def _run(request: Request) -> Response:
    run, name = request.path_params["run"], request.path_params["name"]
    if name == "all.zip":
        packed = parcel.of_run(run)
        return _missing() if packed is None else Response(packed, media_type=KINDS[".zip"])
    body = SHELF.get(run, name)
    suffix = "." + name.rpartition(".")[2]
    return _missing() if body is None else ranged(request, body, KINDS[suffix], ANEW)


async def _follow(request: Request) -> Response:
    """A run, as server-sent events; whoever goes away leaves it."""
    query = dict(request.query_params)
    run, visitor = query.pop("run", ""), query.pop("visitor", "")
    return sse.streamed(request, run, _snapshots(run, visitor, query))


async def _snapshots(run: str, visitor: str, query: dict[str, str]) -> AsyncIterator[dict[str, Any]]:
    wanted = await run_in_threadpool(lambda: asked.request_of(asked.from_query(query)))  # it may read the cortex
    key, start = live.job(wanted)
    async for now in DESK.follow(run, key, start, visitor):
        yield now


def _leave(request: Request) -> Response:
    DESK.leave(request.path_params["run"])
    return Response(status_code=204)


def _command(request: Request) -> Response:
    try:
        wanted = asked.request_of(asked.from_query(request.query_params))
        return Response(asked.command(wanted), media_type="text/plain")
    except InputError as error:
        return Response(str(error), 400, media_type="text/plain")

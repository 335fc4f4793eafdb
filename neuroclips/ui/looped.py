"""The closed loop of the Brain tab: films are handed in, sent around at the desk, and what came of it is fetched."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from neuroclips.errors import InputError
from neuroclips.ui import encoded, flatmap, permission, sse
from neuroclips.ui.desk import DESK
from neuroclips.ui.inputs import line
from neuroclips.ui.loop_films import EXAMPLES, FILMS, Held, example_about
from neuroclips.ui.loop_job import HOME, SPREAD, config_of, job
from neuroclips.ui.ranged import ranged
from neuroclips.ui.upload_guard import profile_in
from neuroclips.ui.uploads import MB, limit

LONGEST_NAME = 80  # letters
SHOWN = "shown.mp4"
KINDS = encoded.KINDS | {".bin": "application/octet-stream", ".npz": "application/octet-stream"}
KEPT = {"Cache-Control": "no-store"}
CONSENT = (
    "Use only films that are yours to use. A film is read in this server's memory and no file of it is kept; what is "
    "held are its first 10 s at the size of our films, and what was made of them. They are deleted when you press "
    "Delete, untick this, close this page or use nothing here for an hour. Nothing is sent on to anybody."
)
OFF = (
    "Uploading is off here, because others than the owner can reach this server. The examples work; on a machine of "
    "your own there are uploads, and the command line: python -m neuroclips loop FILE.mp4"
)


def _about(request: Request) -> Response:
    """What the section needs before anything is chosen."""
    may = permission.allowed("upload", profile_in(request.scope))
    told: dict[str, Any] = {
        "may": may,
        "note": CONSENT if may else OFF,
        "most": limit() // MB,
        "map": flatmap.options(),
    }
    told["ends"] = [-SPREAD / 2, SPREAD / 2]
    told["examples"] = [_told(word, *example_about(word)) for word in EXAMPLES]
    return JSONResponse(told, headers=KEPT)


def _told(word: str, name: str, clips: int, notes: Sequence[str] = ()) -> dict[str, Any]:
    return {"film": word, "name": name, "clips": clips, "notes": notes, "src": f"{HOME}/film/{word}/{SHOWN}"}


async def _upload(request: Request) -> Response:
    """A film as the body of a request, which `UploadGuard` has bounded; answers what is held of it."""
    try:
        permission.refuse("upload", profile_in(request.scope))
        if request.query_params.get("consent") != "yes":
            raise InputError("got a film without the box ticked, expected your consent: tick it and upload again")
        name = line("name", request.query_params.get("name", "film"), 1000)[-LONGEST_NAME:]
        body = await request.body()
        taken = await run_in_threadpool(_take, body, name)
        if await request.is_disconnected():  # who left meanwhile cannot delete it
            FILMS.forget(taken["film"])
        return JSONResponse(taken, headers=KEPT)
    except InputError as error:
        return JSONResponse({"detail": str(error)}, 400, headers=KEPT)


def _take(body: bytes, name: str) -> dict[str, Any]:
    from neuroclips.loop.film import read_film

    if not body:
        raise InputError(f"{name}: got an empty file, expected a film: upload it again")
    if len(body) > limit():
        raise InputError(f"{name}: got {len(body) / MB:,.0f} MB, expected at most {limit() // MB} MB here")
    film = read_film(body, name)
    return _told(FILMS.add(film), film.name, film.n_clips, film.notes)


def _forget(request: Request) -> Response:
    FILMS.forget(request.path_params["word"])
    return Response(status_code=204)


def _file(request: Request) -> Response:
    """The film as it is shown, or a file of what was decoded of it."""
    key, name = request.path_params.get("key", ""), request.path_params["name"]
    held = FILMS.of(request.path_params["word"])
    body = None if held is None else _named(held, key, name)
    if body is None:
        return Response("there is no such file", 404)
    kind = KINDS["." + name.rpartition(".")[2]]
    if name.endswith(".bin"):
        return Response(body, media_type=kind, headers=KEPT | {"Content-Encoding": "gzip"})
    return ranged(request, body, kind, KEPT)


def _named(held: Held, key: str, name: str) -> bytes | None:
    if key:
        return held.results.get(key, {}).get(name)
    return held.shown if name == SHOWN else None


async def _follow(request: Request) -> Response:
    """A loop as server-sent events; whoever goes away leaves it."""
    query = dict(request.query_params)
    run, visitor, word = (query.pop(name, "") for name in ("run", "visitor", "film"))
    return sse.streamed(request, run, _snapshots(run, visitor, word, query))


async def _snapshots(run: str, visitor: str, word: str, query: Mapping[str, str]) -> AsyncIterator[dict[str, Any]]:
    config = config_of(query)
    key, start = await run_in_threadpool(job, word, config)
    async for now in DESK.follow(run, key, start, visitor):
        yield now


ROUTES = [
    Route(f"{HOME}/about.json", _about),
    Route(f"{HOME}/upload", _upload, methods=["POST"]),
    Route(f"{HOME}/forget/{{word}}", _forget, methods=["POST"]),
    Route(f"{HOME}/follow", _follow),
    Route(f"{HOME}/film/{{word}}/{{name}}", _file),
    Route(f"{HOME}/film/{{word}}/{{key}}/{{name}}", _file),
]

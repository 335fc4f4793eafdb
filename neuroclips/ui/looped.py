"""The closed loop of the Brain tab: films are handed in, sent around at the desk, and what came of it is fetched."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import AsyncIterator, Generator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from neuroclips.errors import InputError
from neuroclips.files import to_json
from neuroclips.loop.settings import LoopConfig
from neuroclips.ui import encoded, flatmap, permission
from neuroclips.ui.desk import DESK, Start
from neuroclips.ui.gpu import is_lent
from neuroclips.ui.inputs import line
from neuroclips.ui.loop_films import EXAMPLES, FILMS, Held, example_about
from neuroclips.ui.ranged import ranged
from neuroclips.ui.session import stream
from neuroclips.ui.upload_guard import profile_in
from neuroclips.ui.uploads import MB, limit
from neuroclips.ui.web import PREFIX

HOME = f"{PREFIX}/loop"
LONGEST_NAME, LONGEST_WORDS = 80, 200  # letters
SPREAD = 8.0  # z-scores between the ends of the maps, as on the tab "Your brain"
SHOWN, RECORD, SAMPLES = "shown.mp4", "loop.json", "samples.npz"
KINDS = encoded.KINDS | {".bin": "application/octet-stream", ".npz": "application/octet-stream"}
KEPT = {"Cache-Control": "no-store"}
CONSENT = (
    "Use only films that are yours to use. A film is read in this server's memory and never written to its disk; what "
    "is held are its first 10 s at the size of our films, and what was made of them. They are deleted when you press "
    "Delete, close this page or use nothing here for an hour. Nothing is sent on to anybody."
)
OFF = (
    "Uploading is off here, because others than the owner can reach this server. The examples work; on a machine of "
    "your own there are uploads, and the command line: python -m neuroclips loop FILE.mp4"
)


def config_of(query: Mapping[str, str]) -> LoopConfig:
    """The settings of an address. Raises InputError for unknown names and for values that make no sense."""
    known = {field.name for field in fields(LoopConfig)}
    if unknown := [name for name in query if name not in known]:
        raise InputError(f"got {', '.join(unknown)}, expected some of: {', '.join(sorted(known))}")
    values: dict[str, Any] = {}
    for name, text in query.items():
        if name == "shows":
            values |= {"shows": said} if (said := line("shows", text, LONGEST_WORDS)) else {}
            continue
        try:
            values[name] = json.loads(text)
        except json.JSONDecodeError:
            values[name] = text
    return LoopConfig(**values)


def job(word: str, config: LoopConfig) -> tuple[str, Start]:
    """Key and start of a loop for the desk. Raises InputError for a film that is not held and for unknown words."""
    held = FILMS.of(word)
    if held is None:
        raise InputError("got a film that is not held any more, expected one: upload it again")
    if config.shows is not None:
        from neuroclips.loop.told import parse_shows

        parse_shows(config.shows, held.film.n_clips)
    key = hashlib.sha256(repr((word, config)).encode()).hexdigest()[:20]
    return key, lambda: _snapshots(word, held, key, config)


def _snapshots(word: str, held: Held, key: str, config: LoopConfig) -> Generator[dict[str, Any], None, None]:
    """How far a loop is, and at the end what there is of it."""
    if key not in held.results:
        yield {"key": key, "said": "the film goes through the simulated cortex"}
        done, events = 0, stream(lambda report: _closed(held, config, report))
        try:
            for event in events:
                if not hasattr(event, "step"):
                    yield {"key": key, "said": "scored"}
                    FILMS.put(word, key, _files(event))
                    continue
                where = f"clip {min(done + 1, held.film.n_clips)} of {held.film.n_clips}"
                yield {"key": key, "said": f"{where}: {event.step} {event.fraction:.0%}"}
                done += event.step == "video" and event.fraction == 1
        finally:
            events.close()
    files = held.results.get(key, {})
    home = f"{HOME}/film/{word}/{key}/"
    yield {"key": key, "files": {name: home + name for name in files}, "record": json.loads(files.get(RECORD, b"null"))}


def _closed(held: Held, config: LoopConfig, report) -> Any:
    from neuroclips.loop.closed import close  # brings every model library, and the page should be up first

    return close(held.film, config, report, "cpu" if is_lent() else None)


def _files(closed: Any) -> dict[str, bytes]:
    """What the page fetches of a loop."""
    from neuroclips.export import PERCEPTION_FPS
    from neuroclips.media import write_image, write_video

    files = {
        "video.mp4": encoded.written("v.mp4", lambda path: write_video(path, closed.video, closed.fps)),
        "blurry.mp4": encoded.written("b.mp4", lambda path: write_video(path, closed.blurry, PERCEPTION_FPS)),
        "noise_free.bin": _on_cortex(closed.clean, closed.cortex.vertex_index),
        "measured.bin": _on_cortex(closed.samples, np.where(closed.kept, closed.cortex.vertex_index, -1)),
        RECORD: to_json(closed.record(), indent=1).encode(),
    }
    for clip, part in enumerate(closed.parts):
        if (keyframe := part.keyframe) is not None:
            body = encoded.written("k.webp", lambda path, k=keyframe: write_image(path, k, **encoded.WEBP))  # type: ignore[misc]
            files[f"keyframe_{clip}.webp"] = body
    buffer = io.BytesIO()
    np.savez(buffer, fmri=closed.samples, noise_free=closed.clean, vertex_index=closed.cortex.vertex_index)
    return files | {SAMPLES: buffer.getvalue()}


def _on_cortex(samples: np.ndarray, index: np.ndarray) -> bytes:
    """Samples (n_clips, n_voxels) as maps of 59,412 bytes each, compressed; index -1 : of a voxel that is silenced."""
    from neuroclips.brain.weights_map import to_cortex

    there = index >= 0
    values = np.clip(0.5 + samples[:, there] / SPREAD, 0, 1)
    return gzip.compress(b"".join(flatmap.quantised(to_cortex(row, index[there])).tobytes() for row in values), 5)


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
        return JSONResponse(await run_in_threadpool(_take, body, name), headers=KEPT)
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
    body = None if held is None else held.results.get(key, {}).get(name) if key else _shown(held, name)
    if body is None:
        return Response("there is no such file", 404)
    kind = KINDS["." + name.rpartition(".")[2]]
    if name.endswith(".bin"):
        return Response(body, media_type=kind, headers=KEPT | {"Content-Encoding": "gzip"})
    return ranged(request, body, kind, KEPT)


def _shown(held: Held, name: str) -> bytes | None:
    if name != SHOWN:
        return None
    from neuroclips.media import write_frames
    from neuroclips.simulation.features import FPS

    return encoded.written(name, lambda path: write_frames(path, held.film.frames, FPS))


async def _follow(request: Request) -> Response:
    """A loop as server-sent events; whoever goes away leaves it."""
    query = dict(request.query_params)
    run, visitor, word = (query.pop(name, "") for name in ("run", "visitor", "film"))
    events = _events(run, visitor, word, query)
    return StreamingResponse(events, media_type="text/event-stream", headers=KEPT | {"X-Accel-Buffering": "no"})


async def _events(run: str, visitor: str, word: str, query: Mapping[str, str]) -> AsyncIterator[str]:
    try:
        config = config_of(query)
        key, start = await run_in_threadpool(job, word, config)
        async for now in DESK.follow(run, key, start, visitor):
            yield f"data: {to_json(now)}\n\n"
    except InputError as error:
        yield f"data: {to_json({'run': run, 'state': 'failed', 'message': str(error)})}\n\n"


ROUTES = [
    Route(f"{HOME}/about.json", _about),
    Route(f"{HOME}/upload", _upload, methods=["POST"]),
    Route(f"{HOME}/forget/{{word}}", _forget, methods=["POST"]),
    Route(f"{HOME}/follow", _follow),
    Route(f"{HOME}/film/{{word}}/{{name}}", _file),
    Route(f"{HOME}/film/{{word}}/{{key}}/{{name}}", _file),
]

"""Is it from the brain? The films of one strip, a job each, so that the runs of others come between."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Generator, Mapping
from dataclasses import asdict
from typing import Any
from uuid import uuid4

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as Asked
from starlette.responses import StreamingResponse
from starlette.routing import Route

from neuroclips.commands import from_brain_command
from neuroclips.evaluation.brain_share import HEADLINE, REAL, line, shares
from neuroclips.evaluation.brains import BRAINS
from neuroclips.files import from_json, to_json
from neuroclips.metrics.scores import read
from neuroclips.types import Request, Stage
from neuroclips.ui import asked, gpu, sse
from neuroclips.ui.desk import DESK, Start
from neuroclips.ui.shelf import SHELF, SHOWN
from neuroclips.ui.web import PREFIX


def about() -> list[dict[str, Any]]:
    """The rows in their order, as JSON."""
    told = ("label", "meaning", "floor")
    return [{"name": name} | {word: getattr(brain, word) for word in told} for name, brain in BRAINS.items()]


def job(request: Request, brain: str) -> tuple[str, Start]:
    """Key and start of one film, for the desk; what is on the shelf is not computed again."""
    key = f"{asked.key(request)}-{list(BRAINS).index(brain)}"
    return key, lambda: _shown(key, request, brain)


def _shown(key: str, request: Request, brain: str) -> Generator[dict[str, Any], None, None]:
    """Snapshots as those of ui.live; the last tells why there is no film, and of the real one the p of its scores."""
    if kept := SHELF.get(key, SHOWN):
        yield {**json.loads(kept), "kept": True}
        return
    from neuroclips.evaluation.from_brain import request_of
    from neuroclips.ui.live import Live

    live, more = Live(key, request_of(request, brain), asked.command(request, from_brain_command)), dict[str, Any]()
    yield live.now()
    events = gpu.row(request, brain)
    try:
        for event in events:
            if isinstance(event, Stage):
                live.take(event)
            else:
                more = _of_row(live, event)
            yield live.now() | more
    finally:
        events.close()
    SHELF.put(key, SHOWN, to_json(live.now() | more).encode())


def _of_row(live: Any, row: Any) -> dict[str, Any]:
    if row.result is None:
        return {"why": row.why}
    live.take(row.result)
    return {"p": row.p, "n_truths": row.against.n} if row.against else {}


async def strip(request: Request, run: str = "", visitor: str = "") -> AsyncIterator[dict[str, Any]]:
    """What there is of all films so far, whenever it changes; shares come with the last. Ends as Desk.follow does."""
    run, rows = run or uuid4().hex, dict[str, dict[str, Any]]()
    for brain in BRAINS:
        key, start = job(request, brain)
        async for now in DESK.follow(run, key, start, visitor):
            rows = rows | {brain: now}
            whole = len(rows) == len(BRAINS) and now["state"] == "done"
            state = now["state"] if whole or now["state"] != "done" else "running"
            told = {"message": now["message"]} if "message" in now else {}
            yield {"run": run, "state": state, "rows": rows, **told, **(_answer(request, rows) if whole else {})}
        if now["state"] != "done":
            return


def _answer(request: Request, rows: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    from neuroclips.evaluation.brain_ceiling import ceiling_of

    scored = {name: read(from_json(to_json(row["scores"]))) for name, row in rows.items() if row.get("scores")}
    films = {name: of.video for name, of in scored.items() if of}
    real = rows[REAL]
    if REAL not in films:
        return {"shares": {}, "line": ""}
    found = shares(films, ceiling_of(request), real.get("p", {}), real.get("n_truths", 0))
    return {"shares": {name: asdict(share) for name, share in found.items()}, "line": line(found, HEADLINE)}


async def _follow(request: Asked) -> StreamingResponse:
    """A strip, as server-sent events; whoever goes away leaves it."""
    query = dict(request.query_params)
    run, visitor = query.pop("run", "") or uuid4().hex, query.pop("visitor", "")
    return sse.streamed(request, run, _snapshots(run, visitor, query))


async def _snapshots(run: str, visitor: str, query: dict[str, str]) -> AsyncIterator[dict[str, Any]]:
    wanted = await run_in_threadpool(lambda: asked.request_of(asked.from_query(query)))  # it may read the cortex
    async for now in strip(wanted, run, visitor):
        yield now


ROUTES = [Route(f"{PREFIX}/from_brain", _follow)]

"""Jobs of the desk as server-sent events, one answer for every page that follows one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import gradio as gr
from gradio.context import LocalContext
from starlette.requests import Request
from starlette.responses import StreamingResponse

from neuroclips.errors import InputError
from neuroclips.files import to_json

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def streamed(request: Request, run: str, snapshots: AsyncIterator[dict[str, Any]]) -> StreamingResponse:
    """Snapshots as they come; an InputError ends them as a run that failed. Whoever goes away ends them."""
    return StreamingResponse(_events(request, run, snapshots), media_type="text/event-stream", headers=HEADERS)


async def _events(request: Request, run: str, snapshots: AsyncIterator[dict[str, Any]]) -> AsyncIterator[str]:
    LocalContext.request.set(gr.Request(request))  # whose time on a Space's GPU it is
    try:
        async for now in snapshots:
            yield f"data: {to_json(now)}\n\n"
    except InputError as error:
        yield f"data: {to_json({'run': run, 'state': 'failed', 'message': str(error)})}\n\n"

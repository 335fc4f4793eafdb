"""Bytes from memory as an answer, or those of them that a browser which seeks in a film asks for."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response


def ranged(request: Request, body: bytes, kind: str, more: Mapping[str, str]) -> Response:
    """kind : media type. more : headers of the answer."""
    headers = {"Accept-Ranges": "bytes", **more}
    first, _, last = request.headers.get("range", "").removeprefix("bytes=").partition("-")
    if not first.isdigit():
        return Response(body, media_type=kind, headers=headers)
    start, end = int(first), min(int(last) if last.isdigit() else len(body), len(body) - 1)
    if start > end:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{len(body)}"})
    headers["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
    return Response(body[start : end + 1], 206, media_type=kind, headers=headers)

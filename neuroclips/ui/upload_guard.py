"""Refuses uploads on the server, whoever asks and by whichever of gradio's routes, where they are not allowed."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from starlette.responses import JSONResponse

from neuroclips.errors import InputError
from neuroclips.ui import permission
from neuroclips.ui.uploads import MB, limit

ROUTES = ("/upload", "/process_recording")  # of gradio, that write what they are sent to disk
AROUND = MB  # [bytes] of a request beside the file in it, and of any other request
MULTIPART = b"multipart/form-data"


class UploadGuard:
    """ASGI middleware: launch(app_kwargs={"middleware": [Middleware(UploadGuard)]}).

    A request with a file is answered 403 where `permission` refuses uploads, 413 when it is larger than a file may be,
    411 when it does not say how large it is; other requests that say how large they are may not be beyond a megabyte.
    """

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send) -> None:
        refusal = _refusal(scope) if scope["type"] == "http" and scope["method"] == "POST" else None
        await (refusal or self.app)(scope, receive, send)


def _refusal(scope: Mapping[str, Any]) -> JSONResponse | None:
    headers = dict(scope["headers"])
    with_file = scope["path"].rstrip("/").endswith(ROUTES) or headers.get(b"content-type", b"").startswith(MULTIPART)
    if with_file:
        try:
            permission.refuse("upload", profile_in(scope))
        except InputError as error:
            return _told(403, str(error))
    length, most = headers.get(b"content-length", b""), (limit() if with_file else 0) + AROUND
    if with_file and not length.isdigit():
        return _told(411, "got a file of unknown size, expected a Content-Length")
    if length.isdigit() and int(length) > most:
        return _told(413, f"got {int(length) / MB:,.0f} MB, expected at most {most // MB} MB here")
    return None


def _told(status: int, message: str) -> JSONResponse:
    return JSONResponse({"detail": message}, status)


def profile_in(scope: Mapping[str, Any]) -> permission.Profile | None:
    """Who is logged in, as gradio keeps it in the session; its middleware comes before this one."""
    known = scope.get("session", {}).get("oauth_info", {}).get("userinfo", {})
    return SimpleNamespace(username=known["preferred_username"]) if "preferred_username" in known else None

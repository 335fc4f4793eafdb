"""A hub on this machine, for tests: what huggingface_hub asks of one, for repositories that are folders."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = 1000  # [bytes], from which on a file has a sha256, as of git-lfs


class SmallHub:
    """Repositories in root/models/OWNER/NAME and root/datasets/OWNER/NAME, the same at every commit that is asked for.

    Of a branch it gives one commit.
    """

    def __init__(self, root: Path):
        self.root, self.commit, self.address = root, COMMIT, ""
        self.asked: list[tuple[str, str]] = []  # what was fetched: the path and its range
        self.cut: dict[str, int] = {}  # of a file the bytes after which the connection breaks, once
        self.claims: dict[str, str] = {}  # of a file the sha256 that is told, whatever it is

    def folder(self, path: str) -> Path:
        kind, _, rest = path.partition("/") if path.startswith("datasets/") else ("models", "", path)
        return self.root / kind / rest

    def at(self, revision: str) -> str:
        """The commit of a revision."""
        return revision if re.fullmatch("[0-9a-f]{40}", revision) else self.commit

    def about(self, repository: str, revision: str) -> dict:
        home = self.folder(repository)
        files = [path for path in sorted(home.rglob("*")) if path.is_file()]
        siblings = [self._sibling(path, str(path.relative_to(home))) for path in files]
        name = repository.removeprefix("datasets/").removeprefix("models/")
        return {"id": name, "sha": self.at(revision), "siblings": siblings, "tags": [], "downloads": 0}

    def _sibling(self, path: Path, name: str) -> dict:
        data = path.read_bytes()
        blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        told: dict = {"rfilename": name, "size": len(data), "blobId": blob}
        if len(data) >= LARGE:
            told["lfs"] = {"sha256": self.digest(path), "size": len(data), "pointerSize": 134}
        return told

    def digest(self, path: Path) -> str:
        return self.claims.get(path.name) or hashlib.sha256(path.read_bytes()).hexdigest()


def handler_of(hub: SmallHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.answer(body=False)

        def do_GET(self):
            self.answer(body=True)

        def answer(self, body: bool) -> None:
            path = self.path.partition("?")[0].strip("/")
            if path.startswith(("api/models/", "api/datasets/")):
                kind, owner, name, *more = path.removeprefix("api/").split("/")
                repository = "/".join(([] if kind == "models" else [kind]) + [owner, name])
                if not hub.folder(repository).is_dir():
                    return self.send(404, b"{}", {}, body)
                return self.send(200, json.dumps(hub.about(repository, more[-1] if more else "")).encode(), {}, body)
            if "/resolve/" in path:
                return self.file(path, body)
            self.send(200 if not path else 404, b"", {}, body)

        def file(self, path: str, body: bool) -> None:
            repository, _, rest = path.partition("/resolve/")
            revision, _, name = rest.partition("/")
            found = hub.folder(repository) / name
            if not found.is_file():
                return self.send(404, b"", {"X-Error-Code": "EntryNotFound"}, body)
            data, asked = found.read_bytes(), self.headers.get("Range", "")
            told = {"X-Repo-Commit": hub.at(revision), "ETag": f'"{hub.digest(found)}"', "Accept-Ranges": "bytes"}
            if body:
                hub.asked.append((f"{repository}/{name}", asked))
            start = int(asked.removeprefix("bytes=").partition("-")[0]) if asked else 0
            if start:
                told["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
            if body and (cut := hub.cut.pop(found.name, None)):
                self.send(200, data, told, body, length=cut)
                self.close_connection = True
                return None
            return self.send(206 if start else 200, data[start:], told, body)

        def send(self, status: int, data: bytes, headers: dict, body: bool, length: int | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if body:
                self.wfile.write(data if length is None else data[:length])

        def log_message(self, *_):
            pass

    return Handler


@contextmanager
def serving(root: Path) -> Iterator[SmallHub]:
    """The hub, at `address` while the block runs."""
    hub = SmallHub(root)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(hub))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hub.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()

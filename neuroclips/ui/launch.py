"""Start the app: build the page, serve it, and load the models while the visitor looks at it."""

from __future__ import annotations

import argparse
import os
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Annotated, Any

from neuroclips.disk import expect_room
from neuroclips.errors import InputError
from neuroclips.paths import cache_dir, cache_home
from neuroclips.ranges import Range, expect
from neuroclips.ui import permission, warm
from neuroclips.ui.undescribed import undescribed

ROOM = 1_000_000  # [bytes] in the cache folder, without which no film could be shown
WRITTEN = {"GRADIO_TEMP_DIR": "gradio", "MPLCONFIGDIR": "matplotlib", "TMPDIR": "tmp"}  # folders, by variable


def default_host() -> str:
    """The address to listen on: GRADIO_SERVER_NAME, else this machine alone."""
    return os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1")


def default_port() -> str:
    """The port to listen on: GRADIO_SERVER_PORT, else 7860; a word, which argparse reads as one that was typed."""
    return os.environ.get("GRADIO_SERVER_PORT", "7860")


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the app until it is stopped; for app.py, which Spaces run. Exits with 2 and one line for bad input."""
    parser = argparse.ArgumentParser(description="The NeuroClips app.")
    parser.add_argument("--host", default=default_host())
    parser.add_argument("--port", type=int, default=default_port())
    options = parser.parse_args(arguments)
    try:
        serve(options.host, options.port)
    except InputError as error:
        parser.exit(2, f"neuroclips: {error}\n")


def serve(host: str, port: int) -> None:
    """Serve the app until it is stopped. Raises InputError without gradio, and where it cannot listen."""
    expect("--port", port, Annotated[int, Range(1, 65_535)])
    if not host.strip():
        raise InputError("got an empty host, expected an address to listen on, such as 127.0.0.1")
    keep_to_the_cache()
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # gradio reads its environment when imported
    permission.listens_at(host)
    gpu, page, routes, web = _page()
    if gpu.is_lent():  # before the server's threads, which may hold locks when a process is forked
        warm.load_libraries()
    with undescribed():
        demo = page.build()
    visits = warm.Visits()
    threading.Thread(target=routes.prepare, daemon=True).start()
    try:
        demo.launch(server_name=host, server_port=port, **_options(page, routes, web, visits))
    except (OSError, OverflowError) as error:
        raise InputError(
            f"got host {host} and port {port}, expected an address of this machine and a port that is free: "
            "choose others with --host and --port"
        ) from error
    if not gpu.is_lent():
        warm.behind(visits, warm.load_models)
    demo.block_thread()


def _options(page, routes, web, visits: warm.Visits) -> dict[str, Any]:
    """What gradio is told of the server. MCP is there where its package is, in the version that gradio asks for."""
    from starlette.middleware import Middleware  # comes with gradio

    from neuroclips.ui.upload_guard import UploadGuard
    from neuroclips.ui.uploads import limit

    return {
        "theme": page.theme(),
        "head": web.head(),
        "app_kwargs": {
            "routes": routes.routes(),
            "middleware": [Middleware(visits.noting), Middleware(UploadGuard)],
        },
        "max_file_size": limit(),
        "mcp_server": find_spec("mcp") is not None,
        "ssr_mode": False,
        "share": False,
        "run_history": False,  # what a visitor does is kept nowhere
        "footer_links": [],
        "show_error": True,
        "prevent_thread_lock": True,
    }


def keep_to_the_cache() -> None:
    """Let libraries write into our cache folder alone, unless they were told another one; before they are imported.

    Raises InputError for a cache folder that takes nothing.
    """
    expect_room(cache_home(), ROOM, "choose another with the environment variable NEUROCLIPS_CACHE")
    for variable, folder in WRITTEN.items():
        os.environ.setdefault(variable, str(cache_dir(folder)))


def _page():
    """The modules of the page, which need gradio. On a Space the first of them has to come before torch."""
    try:
        with undescribed():
            from neuroclips.ui import gpu, page, routes, web
    except ModuleNotFoundError as error:
        if error.name != "gradio":
            raise
        raise InputError("got no gradio, expected it for the app: pip install 'neuroclips[app]'") from error
    return gpu, page, routes, web

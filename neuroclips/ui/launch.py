"""Start the app: build the page, serve it, and load the models while the visitor looks at it."""

from __future__ import annotations

import argparse
import os
import threading
from collections.abc import Sequence
from typing import Annotated

from neuroclips.errors import InputError
from neuroclips.ranges import Range, expect
from neuroclips.ui import permission


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
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # gradio reads its environment when imported
    permission.listens_at(host)
    page, panels = _page()
    demo = page.build()
    try:
        demo.launch(
            server_name=host,
            server_port=port,
            theme=page.theme(),
            css=panels.STYLE,
            ssr_mode=False,
            footer_links=[],
            show_error=True,
            prevent_thread_lock=True,
        )
    except (OSError, OverflowError) as error:
        raise InputError(
            f"got host {host} and port {port}, expected an address of this machine and a port that is free: "
            "choose others with --host and --port"
        ) from error
    threading.Thread(target=warm_up, daemon=True).start()
    demo.block_thread()


def _page():
    """The modules of the page, which need gradio."""
    try:
        from neuroclips.ui import page, panels
    except ModuleNotFoundError as error:
        if error.name != "gradio":
            raise
        raise InputError("got no gradio, expected it for the app: pip install 'neuroclips[app]'") from error
    return page, panels


def warm_up() -> None:
    """Load the models while the visitor looks at the page, which came up without them."""
    from neuroclips.pipeline import load_pipeline
    from neuroclips.zoo import load_judges, zoo_named

    pipeline = load_pipeline()
    pipeline.subjects(1)
    for role in ("codec", "keyframes", f"captioner/{pipeline.zoo.settings.captioner}", "video"):
        pipeline.part(role)
    load_judges(zoo_named())

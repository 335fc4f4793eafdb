"""The NeuroClips app: python app.py, then open the address that it prints."""

from __future__ import annotations

import argparse
import os
import threading

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

from neuroclips.ui import page, panels  # noqa: E402 - gradio reads its environment when imported


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(os.environ.get("GRADIO_SERVER_PORT", 7860)))
    options = parser.parse_args()
    demo = page.build()
    demo.launch(
        server_name=options.host,
        server_port=options.port,
        theme=page.theme(),
        css=panels.STYLE,
        ssr_mode=False,
        footer_links=[],
        show_error=True,
        prevent_thread_lock=True,
    )
    threading.Thread(target=warm_up, daemon=True).start()
    demo.block_thread()


def warm_up() -> None:
    """Load the models while the visitor looks at the page, which came up without them."""
    from neuroclips.pipeline import load_pipeline
    from neuroclips.zoo import load_judges, zoo_named

    pipeline = load_pipeline()
    pipeline.subjects(1)
    for role in ("codec", "keyframes", "captioner/blip2", "video"):
        pipeline.part(role)
    load_judges(zoo_named())


if __name__ == "__main__":
    main()

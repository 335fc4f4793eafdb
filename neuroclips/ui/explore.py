"""The Explore tab: a clip as it was shown beside every stage of what was decoded of it; static/explore.js fills it."""

from __future__ import annotations

import gradio as gr

from neuroclips.ui.web import Widget


def build(demo: gr.Blocks) -> None:
    """Lay out the tab inside an open gr.Blocks; films and runs come by the addresses of `routes`."""
    Widget("explore", elem_id="explore")

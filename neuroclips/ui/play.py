"""The Play tab: which of two true clips belongs to a decoded film; static/play.js fills it."""

from __future__ import annotations

import gradio as gr

from neuroclips.ui.web import Widget


def build(demo: gr.Blocks) -> None:
    """Lay out the tab inside an open gr.Blocks; films and judged pairs come by the addresses of `routes`."""
    Widget("play", elem_id="play")

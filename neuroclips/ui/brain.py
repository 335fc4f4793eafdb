"""The Brain tab: maps, activity, lesions, controls and the closed loop; static/brain.js fills it."""

from __future__ import annotations

import gradio as gr

from neuroclips.ui.web import Widget


def build(demo: gr.Blocks) -> None:
    """Lay out the tab inside an open gr.Blocks; maps and runs come by the addresses of `routes`."""
    Widget("brain", elem_id="brain")

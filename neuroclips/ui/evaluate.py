"""The Evaluate tab: stored scores between floors and ceilings; static/evaluate.js fills it from `ui.scored`."""

from __future__ import annotations

import gradio as gr

from neuroclips.ui.web import Widget


def build(demo: gr.Blocks) -> None:
    """Lay out the tab inside an open gr.Blocks."""
    Widget("evaluate", elem_id="evaluate")

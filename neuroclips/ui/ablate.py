"""The Ablate tab: one clip under every combination of guidances; static/ablate.js fills it."""

from __future__ import annotations

import gradio as gr

from neuroclips.ui.web import Widget


def build(demo: gr.Blocks) -> None:
    """Lay out the tab inside an open gr.Blocks."""
    Widget("ablate", elem_id="ablate")

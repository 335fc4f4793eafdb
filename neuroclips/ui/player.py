"""The synced player: ground truth and every stage side by side under one bar."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

STATIC = Path(__file__).parent / "static"
HTML = """
<div role="group" aria-label="Synchronised stage player">
  <div class="sp-grid"></div>
  <div class="sp-bar">
    <button type="button" class="sp-play" aria-label="Play"></button>
    <input type="range" class="sp-scrub" min="0" max="1000" value="0" aria-label="Scrub all videos">
    <output class="sp-time">0.00 s</output>
    <select class="sp-rate" aria-label="Speed">
      <option value="0.25">0.25x</option><option value="0.5">0.5x</option><option value="1" selected>1x</option>
    </select>
  </div>
</div>"""


class SyncPlayer(gr.HTML):
    """Value: {"items": [{label, kind: video|image|text, src or text, note, wait}]}."""

    def __init__(self, value=None, **kwargs):
        css, js = ((STATIC / f"player.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
        super().__init__(value=value, html_template=HTML, css_template=css, js_on_load=js, **kwargs)

    def api_info(self) -> dict:
        return {"type": "object", "description": "items: list of {label, kind, src, text, note}"}


def file_url(path: Path) -> str:
    """The address under which gradio serves a static file."""
    return f"/gradio_api/file={path.resolve()}"


def item(
    label: str, kind: str = "video", path: Path | None = None, text: str = "", note: str = "", wait: str = ""
) -> dict:
    """One cell of the player."""
    return {
        "label": label,
        "kind": kind,
        "src": file_url(path) if path else "",
        "text": text,
        "note": note,
        "wait": wait,
    }

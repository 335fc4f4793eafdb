"""The cortical flat map: voxel weights over all 59,412 grayordinates, drawn in the browser from 79 kB."""

from __future__ import annotations

import base64
import json
from typing import Any

import gradio as gr
import matplotlib
import numpy as np
from PIL import Image

from neuroclips.paths import ASSETS
from neuroclips.ui.player import STATIC, file_url

BRAIN = ASSETS / "brain"
HTML = """<div class="fm"><canvas class="fm-canvas" width="{w}" height="{h}" role="img"
 aria-label="Cortical flat map of voxel weights, left and right hemisphere"></canvas><div class="fm-tip" hidden></div>
<div class="fm-legend"><span>0.25</span><span class="fm-bar"></span><span>0.75</span>
<span class="fm-note"></span></div></div>"""
LOW, HIGH = 0.25, 0.75  # the paper's colour bar (appendix A)


class FlatMap(gr.HTML):
    """Value: {"b64": one byte per grayordinate, 0 where there is no voxel, "note": str}."""

    def __init__(self, value=None, **kwargs):
        width, height = Image.open(BRAIN / "index.png").size
        css, js = ((STATIC / f"flatmap.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
        urls: dict[str, Any] = {
            f"{name}_url": file_url(BRAIN / f"{name}.png") for name in ("index", "area", "under", "borders")
        }
        super().__init__(
            value=value,
            html_template=HTML.format(w=width, h=height),
            css_template=css,
            js_on_load=js,
            names=json.loads((BRAIN / "names.json").read_text(encoding="utf-8")),
            lut=_encode(_colours()),
            **urls,
            **kwargs,
        )

    def api_info(self) -> dict:
        return {"type": "object", "description": "b64: one uint8 per cortical grayordinate, 0 = no voxel"}


def _colours() -> np.ndarray:
    """256 colours; byte 1 + 254 v stands for value v, and colours run over the paper's 0.25 to 0.75."""
    value = (np.arange(256) - 1) / 254
    return (matplotlib.colormaps["inferno"](np.clip((value - LOW) / (HIGH - LOW), 0, 1))[:, :3] * 255).astype(np.uint8)


def pack(values: np.ndarray, note: str) -> dict:
    """Values (59412,) in [0, 1], NaN for none, as the component's value."""
    quantised = np.where(np.isnan(values), 0, 1 + np.round(254 * np.nan_to_num(values))).astype(np.uint8)
    return {"b64": _encode(quantised), "note": note}


def _encode(array: np.ndarray) -> str:
    return base64.b64encode(array.tobytes()).decode()

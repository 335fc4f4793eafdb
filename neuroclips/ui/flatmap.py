"""The cortical flat map: voxel weights over all 59,412 grayordinates, drawn in the browser from 79 kB."""

from __future__ import annotations

import base64
import json

import gradio as gr
import numpy as np

from neuroclips.brain.glossary import GLOSSARY
from neuroclips.paths import ASSETS
from neuroclips.ui.palettes import PALETTES
from neuroclips.ui.web import static_url

LOW, HIGH = 0.25, 0.75  # the paper's colour bar (appendix A)
MOUNT = f"""
const root = (window.gradio_config && window.gradio_config.root) || '';
import(root + '{static_url("flatmap.js")}').then(({{ mountFlatMap }}) => {{
  const map = mountFlatMap(element, {{ base: root + '/_nc/brain/', ...props.options }});
  const show = () => map.show(props.value);
  show();
  watch('value', show);
}});
"""  # the page has flatmap.css


class FlatMap(gr.HTML):
    """Value: {"b64": one byte per grayordinate, 0 where there is no voxel, "note": str, "ends": of the scale}.

    What else a map can be shown with, such as a window or signed colours, is told in static/flatmap.js.
    """

    def __init__(self, value=None, **kwargs):
        super().__init__(value=value, html_template="<div></div>", js_on_load=MOUNT, options=options(), **kwargs)

    def api_info(self) -> dict:
        return {"type": "object", "description": "b64: one uint8 per cortical grayordinate, 0 = no voxel"}


def options() -> dict:
    """What `mountFlatMap` of static/flatmap.js is given, besides where the pictures are."""
    names = json.loads((ASSETS / "brain" / "names.json").read_text(encoding="utf-8"))
    return {"names": names, "glossary": GLOSSARY, "palettes": PALETTES, "window": [LOW, HIGH]}


def quantised(values: np.ndarray) -> np.ndarray:
    """Values in [0, 1] as uint8: 1 + 254 v, and 0 for NaN, which stands for no voxel."""
    return np.where(np.isnan(values), 0, 1 + np.round(254 * np.nan_to_num(values))).astype(np.uint8)


def pack(values: np.ndarray, note: str, ends: tuple[float, float] = (0, 1)) -> dict:
    """Values (59412,) in [0, 1], NaN for none, as the component's value.

    ends : what values 0 and 1 stand for, in the numbers of the colour bar and under the pointer.
    """
    return {"b64": base64.b64encode(quantised(values).tobytes()).decode(), "note": note, "ends": ends}

"""An element of the page that an ES module of static/ fills, and the addresses under which the page finds things."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

STATIC = Path(__file__).parent / "static"
PREFIX = "/_nc"  # of every address of ours, behind gradio's root

_MOUNT = """const root = (window.gradio_config && window.gradio_config.root) || '';
import(root + {module}).then(module => module.mount(element, {{ props, root }})).catch(error => {{
  console.error(error);
  element.textContent = 'This tab did not load: is the server still there? Reload the page.';
}});"""


@cache
def version() -> str:
    """Changes with any file of static/, so that browsers may keep each for good."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def static_url(name: str) -> str:
    """The address of a file of static/; modules import each other from beside it."""
    return f"{PREFIX}/static/{version()}/{name}"


class Widget(gr.HTML):
    """An element that `mount(element, {props, root})` of a module of static/ fills.

    What it shows comes by the addresses of `ui.routes`.
    """

    def __init__(self, module: str, **props: Any):
        script = _MOUNT.format(module=repr(static_url(f"{module}.js")))
        super().__init__(html_template="<div></div>", js_on_load=script, apply_default_css=False, **props)

    def api_info(self) -> dict:
        return {"type": "object"}


def head() -> str:
    """What the page needs before anything else, asked for while gradio's own files load."""
    styles, modules = (sorted(path.name for path in STATIC.glob(f"*.{kind}")) for kind in ("css", "js"))
    links = [f'<link rel="stylesheet" href=".{static_url(name)}">' for name in styles]
    data = ("catalogue", "films/1")
    links += [f'<link rel="preload" as="fetch" crossorigin href=".{PREFIX}/{name}.json">' for name in data]
    links += [f'<link rel="modulepreload" href=".{static_url(name)}">' for name in modules]
    return "\n".join(
        [*links, f'<script type="module">import {{ early }} from ".{static_url("data.js")}"; early();</script>']
    )

"""One server for the tests that look at single tabs: a page of the tabs that need no models."""

import gradio as gr
import numpy as np
import pytest
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from neuroclips.paths import ASSETS
from neuroclips.ui import about, flatmap, page

STATIC = flatmap.__file__.replace("flatmap.py", "static")


@pytest.fixture(scope="session")
def light_page():
    """The address of a page with a flat map and the About tab."""
    with gr.Blocks() as demo, gr.Tabs():
        with gr.Tab("Map"):
            flatmap.FlatMap(flatmap.pack(np.full(59_412, 0.5), "from the server"), elem_id="flat")
        with gr.Tab("About"):
            about.build(demo)
    routes = [
        Mount("/nc/static", StaticFiles(directory=STATIC)),
        Mount("/nc/brain", StaticFiles(directory=ASSETS / "brain")),
    ]
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, theme=page.theme(), app_kwargs={"routes": routes})
    yield url
    demo.close()

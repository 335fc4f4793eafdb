"""One server for the tests that look at single tabs: a page of the tabs that need no models."""

import gradio as gr
import numpy as np
import pytest

from neuroclips.ui import about, flatmap, page, play
from neuroclips.ui.routes import routes
from neuroclips.ui.web import head


@pytest.fixture(scope="session")
def light_page():
    """The address of a page with a flat map and the tabs Play and About."""
    with gr.Blocks() as demo, gr.Tabs():
        with gr.Tab("Map"):
            flatmap.FlatMap(flatmap.pack(np.full(59_412, 0.5), "from the server"), elem_id="flat")
        for title, tab in (("Play", play), ("About", about)):
            with gr.Tab(title):
                tab.build(demo)
    served = {"theme": page.theme(), "head": head(), "app_kwargs": {"routes": routes()}}
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False, **served)
    yield url
    demo.close()

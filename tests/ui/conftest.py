"""Servers that the tests of the page share: the app itself, and a page of the tabs that need no models."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import gradio as gr
import numpy as np
import pytest

from neuroclips.paths import ROOT
from neuroclips.ui import about, flatmap, page, play
from neuroclips.ui.routes import routes
from neuroclips.ui.web import head
from tests.ui import chromium


@pytest.fixture(scope="session", autouse=True)
def chromium_ends():
    yield
    chromium.stop()


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


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """The address of the app, started as a visitor starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (tmp_path_factory.mktemp("app") / "log.txt").open("w", encoding="utf-8")
    command = [sys.executable, "app.py", "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, "HF_HUB_OFFLINE": "1"})
    url = f"http://127.0.0.1:{port}"
    for _ in range(240):
        try:
            urllib.request.urlopen(url, timeout=2)
            break
        except OSError:
            assert server.poll() is None, Path(log.name).read_text()
            time.sleep(0.5)
    yield url
    server.terminate()
    server.wait(10)

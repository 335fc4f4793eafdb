"""The page is up before any model library: what it imports, and what is loaded behind it and when."""

import asyncio
import json
import subprocess
import sys
import threading
import time

from neuroclips.paths import PACKAGE, ROOT
from neuroclips.ui import warm

HEAVY = "torch matplotlib scipy nibabel nilearn diffusers transformers sklearn skimage".split()
BUILD = f"""
import json, sys
from neuroclips.ui import launch
gpu, page, routes, web = launch._page()
page.build(), routes.routes(), web.head()
print(json.dumps([name for name in {HEAVY} if name in sys.modules]))
"""


def test_the_page_is_built_without_a_model_library_and_gradio_writes_nothing_beside_its_modules():
    before = set(PACKAGE.rglob("*.pyi"))
    done = subprocess.run([sys.executable, "-c", BUILD], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []
    assert set(PACKAGE.rglob("*.pyi")) == before


async def _answer(scope, receive, send):
    pass


def asked(visits: warm.Visits, method: str, path: str) -> None:
    asyncio.run(visits.noting(_answer)({"type": "http", "method": method, "path": path}, None, None))


def test_models_are_loaded_after_the_first_page_when_nothing_more_is_asked_for(monkeypatch):
    monkeypatch.setattr(warm, "QUIET", 0.4)
    visits, loaded = warm.Visits(), threading.Event()
    thread = warm.behind(visits, loaded.set)
    asked(visits, "HEAD", "/")  # gradio's own question whether it is there
    assert not loaded.wait(0.6)
    asked(visits, "GET", "/")
    for _ in range(4):  # the page goes on asking
        time.sleep(0.2)
        asked(visits, "GET", "/nc/catalogue.json")
        assert not loaded.is_set()
    thread.join(5)
    assert loaded.is_set()


def test_models_are_loaded_where_nobody_comes_and_where_many_do(monkeypatch):
    monkeypatch.setattr(warm, "PATIENCE", 0.1)
    alone = threading.Event()
    warm.behind(warm.Visits(), alone.set)
    assert alone.wait(5)
    monkeypatch.setattr(warm, "LONGEST", 0.3)
    crowded, visits = threading.Event(), warm.Visits()
    asked(visits, "GET", "/")
    warm.behind(visits, crowded.set)
    for _ in range(40):
        asked(visits, "GET", "/")
        if crowded.wait(0.05):
            break
    assert crowded.is_set()

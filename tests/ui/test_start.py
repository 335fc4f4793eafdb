"""The page is up before any model library: what it imports, and what is loaded behind it and when."""

import asyncio
import json
import subprocess
import sys
import threading

import pytest

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


class Clock:
    """Time that passes only while somebody sleeps; `meanwhile` is called after each sleep."""

    def __init__(self, meanwhile=lambda now: None):
        self.now, self.meanwhile = 0.0, meanwhile

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.meanwhile(self.now)


def visits_at(clock: Clock) -> warm.Visits:
    return warm.Visits(lambda: clock.now, clock.sleep)


def test_models_are_loaded_after_the_first_page_when_nothing_more_is_asked_for():
    last = 3 * warm.QUIET
    clock = Clock(lambda now: asked(visits, "GET", "/_nc/catalogue.json") if now < last else None)
    visits = visits_at(clock)
    asked(visits, "GET", "/")
    visits.wait_until_quiet()
    assert last + warm.QUIET - 0.2 < clock.now < last + warm.QUIET + 0.2 < warm.LONGEST


def test_models_are_loaded_where_many_come():
    clock = Clock(lambda now: asked(visits, "GET", "/"))
    visits = visits_at(clock)
    asked(visits, "GET", "/")
    visits.wait_until_quiet()
    assert clock.now == pytest.approx(warm.LONGEST, abs=0.2)


def test_models_are_loaded_where_nobody_comes(monkeypatch):
    monkeypatch.setattr(warm, "PATIENCE", 0.1)
    clock, loaded = Clock(), threading.Event()
    visits = visits_at(clock)
    asked(visits, "HEAD", "/")  # gradio's own question whether it is there
    thread = warm.behind(visits, loaded.set)
    assert loaded.wait(60) and clock.now == 0
    thread.join()

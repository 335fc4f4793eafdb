"""Tabs of headless Chromium, for tests that need one. A process of tests starts one browser; its tabs share nothing."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import contextmanager

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
PATIENCE = 90_000  # [ms] for what a test waits for, unless it says otherwise: others may be busy
_started = {}  # the driver, its loop, and the browser until it crashes


@contextmanager
def _loop():
    """Playwright's loop counts as running while a tab is open, and then no more: no other loop would run beside it."""
    before = asyncio._get_running_loop()
    asyncio._set_running_loop(before or _started.get("loop"))
    try:
        yield
    finally:
        _started["loop"] = asyncio._get_running_loop()
        asyncio._set_running_loop(before)


def _browser():
    if "driver" not in _started:
        _started["driver"] = pytest.importorskip("playwright.sync_api").sync_playwright().start()
    if "browser" not in _started or not _started["browser"].is_connected():
        _started["browser"] = _started["driver"].chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    return _started["browser"]


def stop():
    """End Chromium and its driver, if this process started them."""
    if "driver" in _started:
        with _loop():
            _started.pop("browser").close()
            _started.pop("driver").stop()


@contextmanager
def open_tab():
    """An empty tab, which must have met no error when the block ends; skips the test where there is no Chromium."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    errors = []
    with _loop():
        visitor = _browser().new_context(viewport={"width": 1280, "height": 1100})
        visitor.set_default_timeout(PATIENCE)
        tab = visitor.new_page()
        tab.on("pageerror", lambda error: errors.append(str(error)))
        try:
            yield tab
        finally:
            visitor.close()
    assert not errors, errors

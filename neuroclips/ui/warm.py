"""Models are loaded behind the page: after the first one was served, when nothing more is asked for.

What is loaded holds Python's lock for a second at a time, and a page that is asked for meanwhile would wait for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

PATIENCE, QUIET, LONGEST = 20.0, 1.0, 10.0  # [s] until nobody comes; without requests; that others may keep us waiting

App = Callable[[Any, Any, Any], Awaitable[None]]


class Visits:
    """When something was asked for; stands before the app."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep):
        self._clock, self._sleep = clock, sleep
        self._came, self._last = threading.Event(), 0.0

    def noting(self, app: App) -> App:
        """The app, each request of which is noted, at its start and its end."""

        async def noted(scope: Any, receive: Any, send: Any) -> None:
            self._last = self._clock()
            if scope.get("method") == "GET" and scope["path"] == "/":  # gradio itself asks by HEAD, and other paths
                self._came.set()
            await app(scope, receive, send)
            self._last = self._clock()

        return noted

    def wait_until_quiet(self) -> None:
        """Return a second after the last request of the first page; at once where nobody comes or many do."""
        if self._came.wait(PATIENCE):
            end = self._clock() + LONGEST
            while self._clock() < min(end, self._last + QUIET):
                self._sleep(0.1)


def behind(visits: Visits, work: Callable[[], None]) -> threading.Thread:
    """Do the work in a thread of its own, when it is quiet."""

    def run() -> None:
        visits.wait_until_quiet()
        work()

    thread = threading.Thread(target=run, daemon=True, name="warm-up")
    thread.start()
    return thread


def load_models() -> None:
    """Load what a reconstruction of the demo zoo needs."""
    from neuroclips.pipeline import load_pipeline
    from neuroclips.zoo import load_judges, zoo_named

    pipeline = load_pipeline()
    pipeline.subjects(1)
    for role in ("codec", "keyframes", f"captioner/{pipeline.zoo.settings.captioner}", "video"):
        pipeline.part(role)
    load_judges(zoo_named())


def load_libraries() -> None:
    """Import what a reconstruction of the demo zoo needs, and load no model: for processes forked from this one."""
    from importlib import import_module

    import neuroclips.run  # noqa: F401
    from neuroclips.zoo import KINDS, zoo_named

    for kind in {part.kind for part in zoo_named().parts}:
        import_module(KINDS[kind].partition(":")[0])

"""A reconstruction as a stream of events, in a thread of its own that stops when it is told to."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from functools import cache
from typing import TYPE_CHECKING, Any

from neuroclips.types import Request, Result, Stage

if TYPE_CHECKING:
    from neuroclips.evaluation.from_brain import Row
    from neuroclips.memory import Memory

JOIN_WITHIN = 5.0  # [s]; a step of the longest stage takes well under one


class Cancelled(Exception):
    """Raised inside a running reconstruction to end it."""


def stream(work: Callable[[Callable], Any]) -> Generator[Any, None, None]:
    """Yield what `work(report)` reports, then its result; closing the iterator ends the work at its next report."""
    events: queue.Queue = queue.Queue()
    stop = threading.Event()
    box: dict[str, Any] = {}

    def report(event) -> None:
        if stop.is_set():
            raise Cancelled
        events.put(event)

    def run() -> None:
        try:
            box["result"] = work(report)
        except Cancelled:
            pass
        except Exception as error:
            box["error"] = error
        finally:
            events.put(None)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        while (event := events.get()) is not None:
            yield event
    finally:
        stop.set()
        thread.join(JOIN_WITHIN)
    if "error" in box:
        raise box["error"]
    if "result" in box:
        yield box["result"]


def stages(request: Request, brain: str = "", remembered: bool = True) -> Generator[Stage | Result | Row, None, None]:
    """Progress of every step, then the scored result, of a `brain` as a row; see `stream` for cancelling.

    remembered : whether steps that were taken before are recalled, and these for later.
    """
    # Imported here: it brings every model library with it, and the page should be up first.
    from neuroclips.evaluation.from_brain import row_of
    from neuroclips.run import reconstruct

    memory = _memory() if remembered else None
    if brain:
        yield from stream(lambda report: row_of(request, brain, report, memory, previews=True))
    else:
        yield from stream(lambda report: reconstruct(request, report, memory, previews=True))


@cache
def _memory() -> Memory:
    """One for all visitors: what was decoded of a sample is the same for each."""
    from neuroclips.memory import Memory

    return Memory()

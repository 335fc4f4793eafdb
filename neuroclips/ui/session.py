"""One visitor's reconstruction: run it in a thread, write each stage as a file, stop when told to."""

from __future__ import annotations

import queue
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuroclips.export import FILES, PERCEPTION_FPS
from neuroclips.media import write_image, write_video
from neuroclips.types import Request, Result, Stage, Step

if TYPE_CHECKING:
    from neuroclips.memory import Memory

LIVE, KEPT = "live-", 24 * 3600.0  # how folders of runs begin; [s] that they stay
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


def stages(request: Request) -> Generator[Stage | Result, None, None]:
    """Progress of every step, then the scored result; see `stream` for cancelling."""
    # Imported here: it brings every model library with it, and the page should be up first.
    from neuroclips.run import reconstruct

    yield from stream(lambda report: reconstruct(request, report, _memory()))


@cache
def _memory() -> Memory:
    """One for all visitors: what was decoded of a sample is the same for each."""
    from neuroclips.memory import Memory

    return Memory()


def save_stage(stage: Stage, folder: Path, fps: int) -> Path | None:
    """Write what a finished step gave, for the player; None for steps that give no picture."""
    result: Any = stage.results[0] if stage.results else None
    if stage.step == Step.KEYFRAME:
        return write_image(folder / FILES[stage.step], result)
    if stage.step == Step.BLURRY_VIDEO:
        return write_video(folder / FILES[stage.step], result, PERCEPTION_FPS)
    if stage.step == Step.VIDEO:
        return write_video(folder / FILES[stage.step], result, fps)
    return None


def new_folder(root: Path) -> Path:
    """A folder of its own for one run, so that visitors never overwrite each other; those of days ago are removed."""
    root.mkdir(parents=True, exist_ok=True)
    sweep(root)
    return Path(tempfile.mkdtemp(prefix=LIVE, dir=root))


def sweep(root: Path) -> None:
    """Remove the folders of runs to which nothing was added for KEPT seconds; no page shows them any more."""
    for folder in [*root.glob(f"{LIVE}*"), *root.glob("tmp*")]:  # until 0.11 they were called tmp*
        with suppress(OSError):  # another server may be at it, too
            if folder.is_dir() and not folder.is_symlink() and time.time() - folder.stat().st_mtime > KEPT:
                shutil.rmtree(folder)

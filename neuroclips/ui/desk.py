"""Where visitors' runs wait and are taken, one at a time and in turn; equal ones are computed once.

Waiting costs no thread: whoever waits looks from time to time. A run that nobody listens to any more is ended, and one
that still waits leaves the queue.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
import traceback
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any
from uuid import uuid4

from neuroclips.errors import InputError

MOST = 40  # jobs that wait
NAME = 64  # letters that are kept of what a run and a visitor call themselves
LOOK, ALIVE = 0.03, 15.0  # [s] between looks at a job; after which one is told again, so that proxies do not hang up
GUESS = 3.0  # [s] that a run takes, before any was timed
Start = Callable[[], Generator[dict[str, Any], None, None]]  # begins the work; yields what there is to show


@dataclass(eq=False)
class Listener:
    """One connection that waits for a job: a page that connects again is another one, whatever it calls itself."""

    run: str
    visitor: str


@dataclass
class Job:
    """Work that one or more listen to."""

    key: str
    start: Start
    listeners: set[Listener] = field(default_factory=set)
    state: str = "waiting"  # then running, then done, failed or cancelled
    shown: dict[str, Any] = field(default_factory=dict)
    message: str = ""
    began: float = 0.0
    # Of the visitor who asked first: a Space counts the GPU's time for that one.
    context: contextvars.Context = field(default_factory=contextvars.copy_context)

    @property
    def ended(self) -> bool:
        return self.state in ("done", "failed", "cancelled")


class Desk:
    """All jobs of this server."""

    def __init__(self, most: int = MOST):
        self.most = most
        self._jobs = OrderedDict[str, Job]()  # those that wait or run, by key, the next one first
        self._took: deque[float] = deque(maxlen=12)  # [s] of the last runs
        self._changed = threading.Condition(threading.RLock())
        self._worker: threading.Thread | None = None

    async def follow(self, run: str, key: str, start: Start, visitor: str = "") -> AsyncIterator[dict[str, Any]]:
        """What there is to show of a job, whenever it changes; ends with state "done", "failed" or "cancelled".

        run : what the listener calls it. key : equal for equal work. visitor : whoever asks again leaves what was
        asked before. Raises InputError where too many wait.
        """
        listener = Listener(run[:NAME] or uuid4().hex, visitor[:NAME])
        job = self._ask(listener, key, start)
        seen: dict[str, Any] = {}
        told = 0.0
        try:
            while True:
                now = self._look(listener, job)
                if now != seen or time.monotonic() - told > ALIVE:
                    yield now
                    seen, told = now, time.monotonic()
                if now["state"] in ("done", "failed", "cancelled"):
                    return
                await asyncio.sleep(LOOK)
        finally:
            self._leave(lambda other: other is listener)

    def leave(self, run: str) -> None:
        """End a run by its name; a job without listeners leaves the queue, or ends at its next step."""
        self._leave(lambda listener: listener.run == run)

    def waiting(self) -> dict[str, float]:
        """How many wait or run, and the seconds until a new one would be taken."""
        with self._changed:
            return {"jobs": len(self._jobs), "expected": round(self._seconds_before(len(self._jobs)), 1)}

    def _leave(self, who: Callable[[Listener], bool]) -> None:
        with self._changed:
            for job in list(self._jobs.values()):
                job.listeners = {listener for listener in job.listeners if not who(listener)}
                if not job.listeners and job.state == "waiting":
                    del self._jobs[job.key]

    def _ask(self, listener: Listener, key: str, start: Start) -> Job:
        with self._changed:
            if listener.visitor:
                self._leave(lambda other: other.visitor == listener.visitor)
            job = self._jobs.get(key)
            if job is None or (job.state == "running" and not job.listeners):  # one that is being ended is of no use
                if len(self._jobs) >= self.most:
                    raise InputError(
                        f"got {len(self._jobs)} reconstructions that wait, expected fewer: try again in a minute"
                    )
                job = self._jobs[key] = Job(key, start)
                self._jobs.move_to_end(key)  # also where one that is being ended had an earlier place
            job.listeners.add(listener)
            self._changed.notify()
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, daemon=True, name="desk")
                self._worker.start()
            return job

    def _look(self, listener: Listener, job: Job) -> dict[str, Any]:
        with self._changed:
            if listener not in job.listeners and not job.ended:
                return {"run": listener.run, "state": "cancelled"}
            now = {**job.shown, "run": listener.run, "state": job.state}
            if job.state == "waiting":
                place = list(self._jobs).index(job.key)
                now |= {"position": place, "expected": round(self._seconds_before(place))}
            return now | ({"message": job.message} if job.message else {})

    def _seconds_before(self, place: int) -> float:
        each = fmean(self._took) if self._took else GUESS
        running = next((job for job in self._jobs.values() if job.state == "running"), None)
        return max(0.0, place * each - (time.monotonic() - running.began if running else 0.0))

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._jobs)
                job = next(iter(self._jobs.values()))
                job.state, job.began = "running", time.monotonic()
            state = job.context.run(self._run, job)
            with self._changed:
                if self._jobs.get(job.key) is job:
                    del self._jobs[job.key]
                job.state = state

    def _run(self, job: Job) -> str:
        try:
            with closing(job.start()) as steps:
                for shown in steps:
                    job.shown = shown
                    if not job.listeners:
                        return "cancelled"
        except InputError as error:
            job.message = str(error)
        except Exception as error:
            traceback.print_exc()
            job.message = f"a fault of ours ({type(error).__name__}): please tell us"
        else:
            self._took.append(time.monotonic() - job.began)
            return "done"
        return "failed"


DESK = Desk()

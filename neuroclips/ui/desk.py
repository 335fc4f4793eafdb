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

from neuroclips.errors import InputError

MOST = 40  # jobs that wait
LOOK = 0.03  # [s] between looks at a job
GUESS = 3.0  # [s] that a run takes, before any was timed
Start = Callable[[], Generator[dict[str, Any], None, None]]  # begins the work; yields what there is to show


@dataclass
class Job:
    """Work that one or more runs listen to."""

    key: str
    start: Start
    runs: set[str] = field(default_factory=set)
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
        self._asked: dict[str, str] = {}  # the run that a visitor listens to
        self._took: deque[float] = deque(maxlen=12)  # [s] of the last runs
        self._changed = threading.Condition(threading.RLock())
        self._worker: threading.Thread | None = None

    async def follow(self, run: str, key: str, start: Start, visitor: str = "") -> AsyncIterator[dict[str, Any]]:
        """What there is to show of a job, whenever it changes; ends with state "done", "failed" or "cancelled".

        run : of this listener alone. key : equal for equal work. visitor : whoever asks again leaves what was asked
        before. Raises InputError where too many wait.
        """
        job = self._ask(run, key, start, visitor)
        seen: dict[str, Any] = {}
        try:
            while True:
                now = self._look(run, job)
                if now != seen:
                    yield now
                    seen = now
                if now["state"] in ("done", "failed", "cancelled"):
                    return
                await asyncio.sleep(LOOK)
        finally:
            self.leave(run)

    def leave(self, run: str) -> None:
        """Stop listening; a job without listeners leaves the queue, or ends at its next step."""
        with self._changed:
            for job in list(self._jobs.values()):
                job.runs.discard(run)
                if not job.runs and job.state == "waiting":
                    del self._jobs[job.key]

    def waiting(self) -> dict[str, float]:
        """How many wait or run, and the seconds until a new one would be taken."""
        with self._changed:
            return {"jobs": len(self._jobs), "expected": round(self._seconds_before(len(self._jobs)), 1)}

    def _ask(self, run: str, key: str, start: Start, visitor: str) -> Job:
        with self._changed:
            if visitor:
                self.leave(self._asked.get(visitor, ""))
                self._asked[visitor] = run
            job = self._jobs.get(key)
            if job is None or (job.state == "running" and not job.runs):  # one that is being ended is of no use
                if len(self._jobs) >= self.most:
                    raise InputError(
                        f"got {len(self._jobs)} reconstructions that wait, expected fewer: try again in a minute"
                    )
                job = self._jobs[key] = Job(key, start)
            job.runs.add(run)
            self._changed.notify()
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, daemon=True, name="desk")
                self._worker.start()
            return job

    def _look(self, run: str, job: Job) -> dict[str, Any]:
        with self._changed:
            if run not in job.runs and not job.ended:
                return {"run": run, "state": "cancelled"}
            now = {**job.shown, "run": run, "state": job.state}
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
                for visitor in [v for v, run in self._asked.items() if run in job.runs]:
                    del self._asked[visitor]

    def _run(self, job: Job) -> str:
        try:
            with closing(job.start()) as steps:
                for shown in steps:
                    job.shown = shown
                    if not job.runs:
                        return "cancelled"
        except InputError as error:
            job.message = str(error)
        except Exception as error:
            traceback.print_exc()
            job.message = f"a fault of ours ({type(error).__name__}: {error}): please tell us"
        else:
            self._took.append(time.monotonic() - job.began)
            return "done"
        return "failed"


DESK = Desk()

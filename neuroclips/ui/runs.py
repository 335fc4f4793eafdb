"""The training process of this machine: one at a time, owned by the visitor who started it."""

from __future__ import annotations

import atexit
import hashlib
import os
import subprocess
import threading
import time
from contextlib import suppress
from functools import cache

from neuroclips.errors import InputError
from neuroclips.parallel import ENDS_WITH_STDIN
from neuroclips.paths import PACKAGE
from neuroclips.train.engine.hold import held, refuse_held
from neuroclips.ui.run_files import OUTPUT, log_of, output_of
from neuroclips.ui.run_record import Choices, Record, records, runs_folder

CHECKPOINTS = ("last.pt", "best.pt")  # of a run that is over nobody needs them


class TrainingRun:
    """What trains here, or trained last. Its weights go to the cache, never over the shipped ones.

    It goes on while pages are reloaded, and ends with the server, however that ends.
    """

    def __init__(self):
        self.record: Record | None = next(iter(records()), None)
        self._process: subprocess.Popen | None = None
        self._watcher: threading.Thread | None = None
        self._stopping, self._one = False, threading.Lock()
        self.launched = 0.0  # when the process was started
        atexit.register(self.end)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def state(self) -> str:
        """none, preparing, training, done, stopped or failed."""
        if self.record is None:
            return "none"
        if self.running:
            return "training" if any("loss" in line for line in self.log()) else "preparing"
        return "stopped" if self.record.state == "running" else self.record.state  # by the end of the server

    def owned_by(self, token: str) -> bool:
        return self.record is not None and bool(token) and self.record.owner == owner_of(token)

    def start(self, choices: Choices, token: str) -> None:
        """Begin anew. Raises InputError while another run goes on, here or in another server of this user."""
        with self._one:
            self._expect_free(token)
            self._launch(Record.new(choices, owner_of(token)), resume=False)

    def resume(self, token: str) -> None:
        """Go on with the last run from its last checkpoint. Raises InputError unless it is the visitor's."""
        with self._one:
            self._expect_free(token)
            if self.record is None or self.state not in ("stopped", "failed"):
                raise InputError("got nothing to go on with, expected a run that was stopped: start one")
            self._expect_owner(token)
            self._launch(self.record, resume=True)

    def stop(self, token: str, any_run: bool = False) -> None:
        """End the process. Raises InputError unless the run is the visitor's, or any may be stopped."""
        if not any_run:
            self._expect_owner(token)
        self.end()

    def end(self) -> None:
        """End the process, and with it its workers, and wait for it."""
        if self._process is not None and self.running:
            self._stopping = True
            self._process.terminate()
            self._process.wait(30)
        if self._watcher is not None:
            self._watcher.join(30)

    def log(self) -> list[dict]:
        """Steps and validations logged so far."""
        return log_of(self.record.folder) if self.record else []

    def output(self) -> str:
        """What the process printed."""
        return output_of(self.record.folder) if self.record else ""

    def _expect_free(self, token: str) -> None:
        if not token:
            raise InputError("got no visitor, expected one: load the page again")
        if self.running and self.record:
            raise InputError(f"{self.record.choices.title} is still running: one run at a time on this machine")
        refuse_held(runs_folder())

    def _expect_owner(self, token: str) -> None:
        if not self.owned_by(token):
            raise InputError("this run was started by another visitor, who alone may stop it or go on with it")

    def _launch(self, record: Record, resume: bool) -> None:
        record.folder.mkdir(parents=True, exist_ok=True)
        self.record, self._stopping, self.launched = record.ended("running"), False, time.time()
        with (record.folder / OUTPUT).open("w", encoding="utf-8") as output:
            self._process = subprocess.Popen(
                record.command(resume),
                stdin=subprocess.PIPE,  # nothing is said by it: it closes when we are no more
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=_environment(),
            )
        self._watcher = threading.Thread(target=self._watch, args=(self._process, record), daemon=True)
        self._watcher.start()

    def _watch(self, process: subprocess.Popen, record: Record) -> None:
        """Hold the machine's only place until the process ends, and write down how it did."""
        with suppress(InputError), held(runs_folder()):
            process.wait()
        code = process.wait()
        state = "done" if code == 0 else "stopped" if self._stopping else "failed"
        if state == "done":
            for name in CHECKPOINTS:
                (record.folder / name).unlink(missing_ok=True)
        self.record = record.ended(state)


@cache
def the_run() -> TrainingRun:
    """The only one of this server."""
    return TrainingRun()


def owner_of(token: str) -> str:
    """What is kept of the random word that a visitor's browser holds."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def last_line(text: str) -> str:
    """What was printed last; progress bars redraw a line by carriage returns."""
    return text.strip().replace("\r", "\n").rpartition("\n")[2]


def _environment() -> dict[str, str]:
    """Ours, with the running package first on the path: it starts in any folder, and prints without delay."""
    path = os.pathsep.join(filter(None, [str(PACKAGE.parent), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", ENDS_WITH_STDIN: "1"}

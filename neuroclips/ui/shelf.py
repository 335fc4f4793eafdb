"""Files of live runs, in memory: the newest few, so that nothing is left on disk and memory stays as it is."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping

SHOWN = "shown.json"  # the last snapshot of a run: it is there when the run is whole
MOST = 64 * 2**20  # bytes of all files; a run has about 100 kB of them


class Shelf:
    """Bytes by run and name; the runs that nobody looked at for longest are dropped when there are too many bytes."""

    def __init__(self, most: int = MOST):
        self.most, self._runs, self._lock = most, OrderedDict[str, dict[str, bytes]](), threading.Lock()

    def put(self, run: str, name: str, body: bytes) -> None:
        with self._lock:
            self._runs.setdefault(run, {})[name] = body
            self._runs.move_to_end(run)
            while len(self._runs) > 1 and self._size() > self.most:
                self._runs.popitem(last=False)

    def get(self, run: str, name: str) -> bytes | None:
        return self.files(run).get(name)

    def files(self, run: str) -> Mapping[str, bytes]:
        """All files of a run, none where it is unknown or was dropped."""
        with self._lock:
            if run in self._runs:
                self._runs.move_to_end(run)
            return dict(self._runs.get(run, {}))

    def _size(self) -> int:
        return sum(len(body) for files in self._runs.values() for body in files.values())


SHELF = Shelf()

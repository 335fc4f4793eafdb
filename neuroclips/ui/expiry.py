"""A timer that looks for what was kept for too long, while there is anything."""

from __future__ import annotations

import threading
from collections.abc import Callable

LOOK = 30.0  # [s] between looks


class Expiry:
    """Calls `forget_old` every `look` seconds from `watch` on, until it says that nothing is left; `lock` is held."""

    def __init__(self, lock: threading.Lock, forget_old: Callable[[], bool], look: float = LOOK):
        self._lock, self._forget_old, self._look = lock, forget_old, look
        self._timer: threading.Timer | None = None

    def watch(self) -> None:
        """Look from now on. Whoever calls holds the lock."""
        if self._timer is None:
            self._timer = threading.Timer(self._look, self._looked)
            self._timer.daemon = True
            self._timer.start()

    def _looked(self) -> None:
        with self._lock:
            self._timer = None
            if self._forget_old():
                self.watch()

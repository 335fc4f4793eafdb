"""Load a thing once, whoever asks first."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache, wraps

# While a library loads a model it changes how every module of the process is made: such loads share this lock.
MODELS = threading.RLock()


def loaded_once(load: Callable, lock: AbstractContextManager | None = None) -> Callable:
    """Cache by arguments, with defaults filled in; a second caller waits for the first instead of loading again.

    What loads may ask for other things that are loaded once. lock : that of loads which must not run beside this one.
    """
    lock, cached, signature = lock or threading.RLock(), cache(load), inspect.signature(load)

    @wraps(load)
    def guarded(*args, **kwargs):
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        with lock:
            return cached(*bound.args)

    return guarded

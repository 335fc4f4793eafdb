"""Load a thing once, whoever asks first."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from functools import cache, wraps


def loaded_once(load: Callable) -> Callable:
    """Cache by arguments, with defaults filled in; a second caller waits for the first instead of loading again.

    What loads may ask for other things that are loaded once.
    """
    lock, cached, signature = threading.RLock(), cache(load), inspect.signature(load)

    @wraps(load)
    def guarded(*args, **kwargs):
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        with lock:
            return cached(*bound.args)

    return guarded

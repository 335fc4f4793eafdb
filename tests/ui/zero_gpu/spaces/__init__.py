"""A stand-in for the package `spaces` as it is on a ZeroGPU Space, without the GPU and the queue for it.

As there, a decorated generator runs in a process forked from the caller's, its arguments and what it yields are
pickled, and closing it outside closes it inside after its next yield. It tells what the tests ask: what was imported
before it, and what was decorated.
"""

from __future__ import annotations

import multiprocessing
import pickle
import sys
from collections.abc import Callable

IMPORTED_BEFORE = sorted({"torch", "gradio", "diffusers"} & set(sys.modules))
DECORATED: list[str] = []
PROCESSES: list[multiprocessing.Process] = []


def gradio_auto_wrap(function):
    """Gradio calls it for every event."""
    return function


def GPU(*, duration: Callable[..., int]) -> Callable:  # noqa: N802 - the name of the real one
    def decorate(function):
        DECORATED.append(f"{function.__module__}.{function.__name__}")

        def outside(*arguments):
            assert 0 < duration(*arguments) <= 120
            context = multiprocessing.get_context("fork")
            results, stop = context.SimpleQueue(), context.Event()
            process = context.Process(target=_inside, args=(function, pickle.dumps(arguments), results, stop))
            process.start()
            PROCESSES.append(process)
            try:
                while (pickled := results.get()) is not None:
                    yield pickle.loads(pickled)
            finally:
                stop.set()
                while process.is_alive():
                    process.join(0.1)
                    while not results.empty():
                        results.get()

        return outside

    return decorate


def _inside(function, arguments: bytes, results, stop) -> None:
    made = function(*pickle.loads(arguments))
    for value in made:
        if stop.is_set():
            made.close()
            break
        results.put(pickle.dumps(value))
    results.put(None)

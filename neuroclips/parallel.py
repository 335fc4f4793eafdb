"""Work on all items in several processes that die with the one that started them.

Each is a fresh Python that imports what its task needs, the same on every platform; nothing is inherited by forking.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from types import ModuleType

from neuroclips.quiet import one_line

_STARTING = threading.Lock()  # one thread at a time stands in for the program
MOST = 61  # processes that Windows can wait for
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
ENDS_WITH_STDIN = "NEUROCLIPS_ENDS_WITH_STDIN"  # set for a command that shall not outlive who holds its stdin open


def each(task: Callable, items: Iterable, n_processes: int, chunksize: int = 1) -> Iterator:
    """`task(item)` of every item, in order; task, items and answers are pickled.

    When it is interrupted, the children end at once, instead of being waited for.
    """
    with workers(n_processes) as run:
        yield from run(task, items, chunksize)


@contextmanager
def workers(n_processes: int, known: object = None) -> Iterator[Callable[..., Iterator]]:
    """A function like `each`, without n_processes, whose children stay for several calls; `known` is sent to each once.

    With `known`, a task is called with it and an item.
    """
    context, told = get_context("spawn"), pickle.dumps(known)
    with ProcessPoolExecutor(min(n_processes, MOST), context, _begin, (told,)) as pool:

        def run(task: Callable, items: Iterable, chunksize: int = 1) -> Iterator:
            with _no_program():  # children are started as items are handed over
                return pool.map(task if known is None else partial(_knowing, task), items, chunksize=chunksize)

        try:
            yield run
        except BaseException:
            for child in list((pool._processes or {}).values()):  # other children are not ours to end
                child.terminate()
            raise


@contextmanager
def _no_program() -> Iterator[None]:
    """While children are started: they never run the program that asks again, be it a script without a guard."""
    with _STARTING:
        program = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = program


_KNOWN: object = None  # in a child, what all its tasks know


def _knowing(task: Callable, item: object):
    return task(_KNOWN, item)


def _begin(told: bytes) -> None:
    """More threads in each process would only get in each other's way, and Ctrl-C is the parent's to hear."""
    global _KNOWN
    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))  # read by libraries that are imported from here on
    warnings.formatwarning = one_line
    _KNOWN = pickle.loads(told)


def _end_with_parent() -> None:
    if parent := parent_process():
        wait([parent.sentinel])
        os._exit(1)


def end_with_stdin() -> None:
    """End this process when whoever asked for it, by ENDS_WITH_STDIN, is no more, killed or not."""
    if os.environ.pop(ENDS_WITH_STDIN, None):
        threading.Thread(target=_read_to_the_end, daemon=True).start()


def _read_to_the_end() -> None:
    while os.read(0, 1):
        pass
    os._exit(1)

"""Work on all items in several processes that die with the one that started them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import active_children, get_context

from threadpoolctl import threadpool_limits


def each(task: Callable, items: Iterable, n_processes: int) -> Iterator:
    """`task(item)` of every item, in order. Children are forks: they see what was there when this was called.

    When it is interrupted, the children end at once, instead of being waited for.
    """
    with ProcessPoolExecutor(n_processes, mp_context=get_context("fork"), initializer=_one_thread) as pool:
        try:
            yield from pool.map(task, items)
        except BaseException:
            for child in active_children():
                child.terminate()
            raise


def _one_thread() -> None:
    """More threads in each process would only get in each other's way."""
    threadpool_limits(1)

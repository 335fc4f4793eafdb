"""Gradio imported without describing its components for editors, which takes as long as all else of its import.

It would write a .pyi file beside every class of a component, ours too, or find at every start that it is there.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager

DESCRIBES = "create_or_modify_pyi"  # of gradio.component_meta, which leaves out classes that are in no file


@contextmanager
def undescribed() -> Iterator[None]:
    """Within it, gradio does not learn in which file a component is."""
    getfile = inspect.getfile

    def asked_by_others(thing):
        if sys._getframe(1).f_code.co_name == DESCRIBES:
            raise OSError("not told")
        return getfile(thing)

    inspect.getfile = asked_by_others
    try:
        yield
    finally:
        inspect.getfile = getfile

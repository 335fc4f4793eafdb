"""How a command tells what went wrong: bad input in one line, a fault of ours by its type, both in full on demand."""

from __future__ import annotations

import errno
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps

import typer

from neuroclips.errors import InputError
from neuroclips.quiet import one_line
from neuroclips.ranges import shown

FAULT, BAD_INPUT, STOPPED = 1, 2, 130  # exit codes
LEFT_TO_TYPER = (typer.Exit, typer.Abort, typer.BadParameter, BrokenPipeError)
WHAT_TO_DO = {
    errno.ENOENT: "check the name",
    errno.ENOSPC: "make room and start again",
    errno.EDQUOT: "make room and start again",
    errno.EFBIG: "write to a disk that takes larger files",
    errno.EACCES: "choose another place, or change its permissions",
    errno.EPERM: "choose another place, or change its permissions",
    errno.EROFS: "choose another place, which can be written",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EEXIST: "a file is in the way: choose another name",
    errno.ENOTDIR: "a file is in the way: choose another name",
    errno.EISDIR: "name a file",
    errno.EADDRINUSE: "choose another --port",
}
tracebacks: ContextVar[bool] = ContextVar("tracebacks", default=False)  # the option --debug


def one_line_errors(command: Callable) -> Callable:
    """What a command raises becomes one line on stderr and an exit code: 2 is the user's, 1 ours, 130 Ctrl-C.

    What it warns of becomes one line, too.
    """

    @wraps(command)
    def guarded(*args, **kwargs):
        try:
            with _one_line_warnings():
                return command(*args, **kwargs)
        except LEFT_TO_TYPER:
            raise
        except (Exception, KeyboardInterrupt) as error:
            code, text = explain(error)
            if tracebacks.get():
                traceback.print_exception(error)
            print(text, file=sys.stderr)
            raise typer.Exit(code) from error

    return guarded


@contextmanager
def _one_line_warnings() -> Iterator[None]:
    """Warnings without the code that they come from; with --debug, as Python shows them."""
    as_python_does = warnings.formatwarning
    if not tracebacks.get():
        warnings.formatwarning = one_line
    try:
        yield
    finally:
        warnings.formatwarning = as_python_does


def explain(error: BaseException) -> tuple[int, str]:
    """The exit code and the line for what was raised."""
    if isinstance(error, KeyboardInterrupt):
        again = "simulate, preprocess, train and reconstruct --clips go on where they were when started again"
        return STOPPED, f"\nneuroclips: stopped; {again}"
    if isinstance(error, InputError):
        return BAD_INPUT, f"neuroclips: {error}"
    if isinstance(error, OSError):
        return BAD_INPUT, f"neuroclips: {_of_the_system(error)}"
    if type(error).__name__ == "OutOfMemoryError":  # of torch, on an accelerator
        return BAD_INPUT, "neuroclips: got a device with too little memory: take --memory 'in turn', or --memory layers"
    said = " ".join(str(error).split())
    where = "run neuroclips --debug VERB ... to see where"
    return FAULT, f"neuroclips: unexpected fault: {type(error).__name__}: {said} ({where})"


def _of_the_system(error: OSError) -> str:
    """What the operating system refuses, as a file in the place of a folder or a full disk: where, what, what to do."""
    said = error.strerror or (str(error).strip() or type(error).__name__).splitlines()[0]
    where = f"{shown(error.filename, 240)}: " if error.filename else ""
    return f"{where}{said}: {WHAT_TO_DO.get(error.errno or 0, 'see to that and start again')}"

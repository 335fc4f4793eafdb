"""What visitors and API clients send: numbers are taken as they are or refused, and refusals are told in one line."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

import gradio as gr

from neuroclips.data.base import DatasetInfo, check
from neuroclips.errors import InputError
from neuroclips.ranges import Range, expect, shown

EXACT = 2**53 - 1  # up to it floats hold every whole number, and so do the numbers of a browser


Part = TypeVar("Part", bound=gr.components.Component)


def as_sent(part: Part) -> Part:
    """A component that hands on what it is sent, so that our checks and not gradio's say what is wrong with it."""
    part.preprocess = lambda payload: payload  # type: ignore[method-assign]
    return part


@contextmanager
def told() -> Iterator[None]:
    """What is wrong with the input becomes a message on the page, without a traceback on the server."""
    try:
        yield
    except InputError as error:
        raise gr.Error(str(error), print_exception=False) from error


def number(name: str, value: Any, low: float, high: float) -> float:
    """`value` as it was sent. Raises InputError unless it is a number from low to high."""
    expect(name, value, Annotated[float, Range(low, high)])
    return float(value)


def whole(name: str, value: Any, low: int, high: int) -> int:
    """`value`, which may have been sent as 3.0. Raises InputError unless it is a whole number from low to high."""
    sent = int(value) if isinstance(value, float) and value.is_integer() else value
    expect(name, sent, Annotated[int, Range(low, high)])
    return sent


def subject_of(info: DatasetInfo, value: object) -> int:
    """`value`, which may have been sent as 3.0. Raises InputError unless the dataset has such a subject."""
    subject = whole("subject", value, min(info.n_voxels), max(info.n_voxels))
    check(info, subject)
    return subject


def line(name: str, value: object, longest: int) -> str:
    """Words in one line with single spaces, "" for none. Raises InputError for anything else."""
    said = "" if value is None else value
    if not isinstance(said, str) or len(said) > longest or not said.isprintable():
        raise InputError(f"got {name} {shown(value)}, expected a line of at most {longest} characters")
    return " ".join(said.split())


def one_of(name: str, value: object, options: Collection[str]) -> str:
    """`value` as it was sent. Raises InputError unless it is one of the options."""
    if value not in tuple(options):
        raise InputError(f"got {name} {shown(value)}, expected one of: {', '.join(options)}")
    return str(value)

"""What values a field may have: the range stands in its type, and one function checks every field of a config."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from neuroclips.errors import InputError

NONE = "none"  # what a field may be that need not be given
LONGEST = 60  # characters of a value that a message shows


@dataclass(frozen=True)
class Range:
    """Numbers from `least` to `most`, which belong to it, or `above` and `below`, which do not; `what` names them."""

    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None
    what: str = ""

    def __contains__(self, value: float) -> bool:
        return (
            (self.least is None or value >= self.least)
            and (self.most is None or value <= self.most)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )

    def __str__(self) -> str:
        words = {"{} or more": self.least, "above {}": self.above, "up to {}": self.most, "below {}": self.below}
        return self.what + " and ".join(text.format(end) for text, end in words.items() if end is not None)


Count = Annotated[int, Range(1, 10**9)]
Width = Annotated[int, Range(1, 2**20)]  # of a layer, or how many of them there are
Depth = Annotated[int, Range(0, 10**4)]  # how many blocks follow each other
Number = Annotated[int, Range(0)]  # of a subject or a clip
Together = Annotated[int, Range(1, 1024)]  # clips that are computed at once
Seed = Annotated[int, Range(0, 2**63 - 1)]  # of numpy's SeedSequence, which mixes all of its bits
TorchSeed = Annotated[int, Range(0, 2**32 - 1)]  # torch's generator on a CPU takes these bits and drops higher ones
Share = Annotated[float, Range(above=0, most=1, what="a share of the schedule, ")]
Dropout = Annotated[float, Range(0, below=1)]
Weight = Annotated[float, Range(0, 10**6)]  # of a term of a loss
Positive = Annotated[float, Range(above=0, most=10**6)]

KINDS: dict[Any, tuple[type, str]] = {
    bool: (bool, "true or false"),
    int: (Integral, "a whole number"),
    float: (Real, "a finite number"),
    str: (str, "text"),
}


class Checked:
    """A frozen dataclass whose fields are checked whenever one is made."""

    def __post_init__(self):
        check_ranges(self)


def check_ranges(config) -> None:
    """Raises InputError for the first field of a dataclass that is of another type or out of its range."""
    hints = hints_of(type(config))  # type: ignore[arg-type]
    for field in fields(config):
        expect(field.name, getattr(config, field.name), hints[field.name])


@lru_cache
def hints_of(config_class: type) -> Mapping[str, Any]:
    """Types of the fields, with their ranges."""
    return get_type_hints(config_class, include_extras=True)


def expect(name: str, value: object, hint: Any) -> None:
    """Raises InputError unless a value is what a type, which may hold a Range, asks for."""
    wanted = _wanted(value, hint)
    if wanted:
        raise InputError(f"got {name.replace('_', ' ')} {shown(value)}, expected {wanted}")


def is_number(text: str) -> bool:
    """Whether a word is a whole number, 0 or more, of ordinary length in the digits 0 to 9."""
    return text.isascii() and text.isdecimal() and len(text) < 20


def shown(value: object, longest: int = LONGEST) -> str:
    """A value in a message, cut when it is long."""
    text = repr(value)
    return text if len(text) <= longest else f"{text[:longest]}..."


def _wanted(value: object, hint: Any) -> str:
    """What was expected in the place of a value; empty when it is right."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _wanted_in_range(value, *parts)
    if origin in (Union, UnionType):
        wanted = [_wanted(value, part) for part in parts]
        return next(words for words in wanted if words != NONE) if all(wanted) else ""
    if origin is Literal:
        return "" if value in parts else f"one of: {', '.join(map(str, parts))}"
    if origin is tuple and parts[1:] == (...,):
        if not isinstance(value, tuple):
            return "a list"
        return next((f"a list, of each {words}" for x in value if (words := _wanted(x, parts[0]))), "")
    return _wanted_type(value, hint)


def _wanted_in_range(value: Any, hint: Any, *marks: object) -> str:
    wanted, ranges = _wanted(value, hint), [mark for mark in marks if isinstance(mark, Range)]
    if wanted:
        return ", ".join([wanted, *map(str, ranges)])
    return next((str(allowed) for allowed in ranges if value not in allowed), "")


def _wanted_type(value: object, hint: Any) -> str:
    if hint is NoneType:
        return "" if value is None else NONE
    inner = (hint, f"a {hint.__name__}") if isinstance(hint, type) and is_dataclass(hint) else (object, "")
    kind, words = KINDS.get(hint, inner)
    wrong = not isinstance(value, kind) or (hint is not bool and words and isinstance(value, bool))
    return words if wrong or (hint is float and not _is_finite(value)) else ""


def _is_finite(value) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond every float
        return False

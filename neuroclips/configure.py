"""Change named fields of a frozen config by words from the command line, such as network.temporal_attention=false."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from neuroclips.errors import InputError
from neuroclips.ranges import hints_of, shown

Config = TypeVar("Config")


def configure(config: Config, changes: Mapping[str, object], within: str = "") -> Config:
    """A copy with fields changed, all at once; a dot leads into a config inside.

    Raises InputError with the fields there are, and for a value that a field may not have.
    """
    given: dict[str, object] = {}
    inside: dict[str, dict[str, object]] = {}
    hints = hints_of(type(config))  # type: ignore[arg-type]
    for path, value in changes.items():
        name, dot, rest = path.partition(".")
        _expect_field(config, name, bool(dot), within + path)
        if dot:
            inside.setdefault(name, {})[rest] = value
        else:
            given[name] = _typed(value, hints[name])
    for name, parts in inside.items():
        given[name] = configure(getattr(config, name), parts, f"{within}{name}.")
    try:
        return replace(config, **given)  # type: ignore[type-var]
    except InputError as error:
        raise InputError(f"{within.rstrip('.')}: {error}" if within else str(error)) from error


def parse_changes(words: list[str]) -> dict[str, object]:
    """{"a.b": 3} of ["a.b=3"]; values are JSON, or else text. Raises InputError for a field that is set twice."""
    changes: dict[str, object] = {}
    for word in words:
        path, _, text = (part.strip() for part in word.partition("="))
        if not path or not text:
            raise InputError(f"got --set {shown(word)}, expected NAME=VALUE, such as --set contrast=none")
        if path in changes:
            raise InputError(f"got --set {path} twice, expected it once")
        changes[path] = _value(text)
    return changes


def expect_once(typed: Mapping[str, str], changes: Mapping[str, object]) -> None:
    """Raises InputError for a field of `changes` that has an option too; typed : field -> that option."""
    for name in changes:
        if name in typed:
            raise InputError(f"got {typed[name]} and --set {name}, expected one of them: leave the other out")


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # no JSON, a number of thousands of digits, or lists in lists in lists
        return text


def _expect_field(config: object, name: str, leads_on: bool, path: str) -> None:
    known = [f.name for f in fields(config)]  # type: ignore[arg-type]
    if name not in known:
        raise InputError(f"got --set {path}, expected one of: {', '.join(known)}")
    now = getattr(config, name)
    if leads_on and not is_dataclass(now):
        raise InputError(f"got --set {path}, expected no dot after {name}")
    if not leads_on and is_dataclass(now):
        inside = ", ".join(f"{path}.{f.name}" for f in fields(now))
        raise InputError(f"got --set {path}, expected one of: {inside}")


def _typed(value: object, hint: Any) -> object:
    """JSON as the type of a field, where JSON has no such type: a list is a tuple, and 1 can be 1.0."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _typed(value, parts[0])
    if isinstance(value, list) and origin is tuple:
        return tuple(_typed(x, parts[0]) for x in value)
    if type(value) is int and hint is float and abs(value) < 2**53:
        return float(value)
    options = parts if origin in (Union, UnionType) else ()
    return next((typed for part in options if (typed := _typed(value, part)) is not value), value)

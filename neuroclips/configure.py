"""Change named fields of a frozen config by words from the command line, such as network.temporal_attention=false."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from neuroclips.errors import InputError

Config = TypeVar("Config")


def configure(config: Config, changes: Mapping[str, object]) -> Config:
    """A copy with fields changed; a dot leads into a config inside. Raises InputError with the fields there are."""
    for path, value in changes.items():
        config = _set(config, path.split("."), value, path)
    return config


def parse_changes(words: list[str]) -> dict[str, object]:
    """{"a.b": 3} of ["a.b=3"]; values are JSON, or else text."""
    changes = {}
    for word in words:
        path, sign, text = word.partition("=")
        if not sign:
            raise InputError(f"got --set {word}, expected NAME=VALUE, such as --set contrast=none")
        try:
            changes[path.strip()] = json.loads(text)
        except json.JSONDecodeError:
            changes[path.strip()] = text
    return changes


def _set(config, names: list[str], value: object, path: str):
    known = [f.name for f in fields(config)]
    if names[0] not in known:
        raise InputError(f"got --set {path}, expected one of: {', '.join(known)}")
    now = getattr(config, names[0])
    if len(names) > 1:
        if not is_dataclass(now):
            raise InputError(f"got --set {path}, expected no dot after {names[0]}")
        return replace(config, **{names[0]: _set(now, names[1:], value, path)})
    if is_dataclass(now):
        inside = ", ".join(f"{names[0]}.{f.name}" for f in fields(now))
        raise InputError(f"got --set {path}, expected one of: {inside}")
    return replace(config, **{names[0]: _like(now, value, path)})


def _like(now: object, value: object, path: str) -> object:
    """`value` as the type that the field has now."""
    if isinstance(now, tuple) and isinstance(value, list):
        return tuple(value)
    if isinstance(now, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if now is not None and value is not None and type(now) is not type(value):
        raise InputError(f"got --set {path}={value!r}, expected a value like {now!r}")
    return value

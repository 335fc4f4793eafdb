"""What a page or a client asks for, as a Request: every value is checked, and what is unknown is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from neuroclips.commands import reconstruct_command
from neuroclips.data.registry import load_dataset
from neuroclips.errors import InputError
from neuroclips.lesions import MOST_LETTERS, SILENCES, Lesion, lesion_of
from neuroclips.types import Guidance, Request
from neuroclips.ui.choices import choices
from neuroclips.ui.inputs import EXACT, line, one_of, subject_of, whole
from neuroclips.ui.own_weights import folder_of
from neuroclips.ui.permission import is_public
from neuroclips.zoo import zoo_named

SWITCHES = tuple(asdict(Guidance()))
LESION = ("lesion", "keep", "silence")
OTHERS = ("subject", "clip", "seed", "keep_keyframe", "weights", *LESION)


def request_of(values: Mapping[str, Any]) -> Request:
    """subject and clip, and of the rest what differs from the zoo's settings.

    Raises InputError for unknown names and for values that make no sense.
    """
    zoo, info = zoo_named(), load_dataset().info
    known = {choice.field: choice for choice in choices(zoo)}
    if unknown := [name for name in values if name not in (*known, *SWITCHES, *OTHERS)]:
        raise InputError(f"got {', '.join(unknown)}, expected some of: {', '.join((*OTHERS, *SWITCHES, *known))}")
    subject = subject_of(info, values.get("subject"))
    clip = whole("clip", values.get("clip"), 0, info.n_clips - 1)
    given: dict[str, Any] = {"seed": whole("seed", values.get("seed", zoo.settings.seed), 0, EXACT)}
    given |= {name: known[name].taken(zoo.settings, value) for name, value in values.items() if name in known}
    given["keep_keyframe"] = values.get("keep_keyframe", zoo.settings.keep_keyframe)
    guidance = Guidance(**{name: values.get(name, True) for name in SWITCHES})
    if not guidance.gamma:
        given.pop("prompt", None)
    given["guidance"] = guidance if given.get("prompt") else guidance.used  # words need no keyframe, captions do
    given["edits"] = _lesion(values)
    settings = replace(zoo.settings, **given)
    zoo.expect(settings)
    weights = values.get("weights") or None
    return Request(subject, clip, settings, reconstructors=folder_of(weights, subject) if weights else None)


def _lesion(values: Mapping[str, Any]) -> tuple[Lesion, ...]:
    lesion, keep = (line(name, values.get(name), MOST_LETTERS) for name in LESION[:2])
    return lesion_of(lesion, keep, one_of("silence", values.get("silence") or SILENCES[0], SILENCES))


def from_query(query: Mapping[str, str]) -> dict[str, Any]:
    """The values of an address; numbers and truth values as what they are, but words as they were typed."""
    values: dict[str, Any] = {}
    words = {choice.field for choice in choices(zoo_named()) if choice.longest} | {*LESION}
    for name, text in query.items():
        try:
            values[name] = text if name in words else json.loads(text)
        except json.JSONDecodeError:
            values[name] = text
    return values


def command(request: Request, line: Callable[[Request], str] = reconstruct_command) -> str:
    """The line that makes the same; where the public comes, without the place of weights on this server."""
    own = request.reconstructors
    return line(replace(request, reconstructors=Path(own.name)) if own and is_public() else request)


def key(request: Request) -> str:
    """Equal for equal requests, whoever asks; the address of their files."""
    own = request.reconstructors  # may be trained anew under the same name
    made = sorted((str(path), path.stat().st_mtime_ns) for path in own.rglob("config.json")) if own else []
    return hashlib.sha256(repr((request, made)).encode()).hexdigest()[:20]

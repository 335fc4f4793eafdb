"""Which clips are asked for, how, and in which batches; a batch belongs to one of the portions that work at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated

from neuroclips.clips import in_batches
from neuroclips.errors import InputError
from neuroclips.files import from_json, to_json
from neuroclips.pipeline import NeuroClips
from neuroclips.ranges import Checked, Number, Range, Together, is_number, shown
from neuroclips.run import pipeline_of, placed
from neuroclips.types import Request
from neuroclips.zoo import zoo_named

Batch = tuple[int, ...]
PLACED = ("device", "memory", "speed")  # fields of a Request that say where and how fast films are made, not which


@dataclass(frozen=True)
class Portion(Checked):
    """Of `of` equal portions, the one with this index; everything is the only portion there is."""

    index: Number = 0
    of: Annotated[int, Range(1, 100_000)] = 1

    def split(self, index: int, of: int) -> Portion:
        """A portion of this one."""
        return Portion(self.index * of + index, self.of * of)


WHOLE = Portion()


def parse_portion(text: str) -> Portion:
    """The portion of "3/10", the third of ten. Raises InputError for other words."""
    which, _, of = text.partition("/")
    if not (is_number(which) and is_number(of)) or not 1 <= int(which) <= int(of):
        raise InputError(f"got portion {shown(text)}, expected WHICH/OF, from 1/10 to 10/10 for ten portions")
    return Portion(int(which) - 1, int(of))


@dataclass(frozen=True)
class ClipSet(Checked):
    """Clips to reconstruct into folders of `out`, in the place of the request's own.

    other : a pipeline in the place of the request's; its reconstructors say in their origins how they differ.
    """

    request: Request
    clips: tuple[Number, ...]
    batch_size: Together
    out: Path
    other: NeuroClips | None = None

    @property
    def pipeline(self) -> NeuroClips:
        """What films are made by."""
        return self.other or pipeline_of(self.request)

    def batches(self, portion: Portion) -> Sequence[Batch]:
        """The batches of a portion. Who is made with whom follows from clips and batch size alone."""
        return list(in_batches(self.clips, self.batch_size))[portion.index :: portion.of]

    def folder(self, clip: int) -> Path:
        """Where the files of a clip are, or would be."""
        return self.out / f"{clip:04d}"

    def made_with(self) -> dict:
        """What all films have in common, as it is written."""
        settings = self.request.settings or zoo_named(self.request.zoo).settings
        asked = {field.name: getattr(self.request, field.name) for field in fields(self.request)}
        for name in ("clip", "settings", "reconstructors", *PLACED):
            asked.pop(name, None)
        asked = {name: str(value.resolve()) if isinstance(value, Path) else value for name, value in asked.items()}
        placement = placed(self.request)
        asked["dtype"] = str(placement.dtype).removeprefix("torch.")  # as it is on this device
        asked["mixed"] = placement.mixed  # float32 that was asked for is not what float32 is unasked
        origins = self.pipeline.subjects(self.request.subject).origins
        known = {**asked, **settings.record(), "reconstructors": {role: dict(at) for role, at in origins.items()}}
        return from_json(to_json(known))

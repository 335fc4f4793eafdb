"""How much memory a zoo's models take on a device, and so how they are placed there. No model library is imported.

Estimates: counts of parameters (neuroclips/sizes), times the bytes of each, and a head for what computing takes beside.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from neuroclips.errors import InputError
from neuroclips.parts import JUDGES, Part, Zoo
from neuroclips.sizes import SIZES, size_of
from neuroclips.zoo_table import RECONSTRUCTORS

Memory = Literal["whole", "in turn", "layers"]
MODES: tuple[Memory, ...] = get_args(Memory)
BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
HEAD = 3.0  # [GB] for what models compute, and for the libraries
INGREDIENTS = ("unet", "motion adapter", "sparse ctrl", "lora", "ltx vae")  # kinds that become part of another model
BEFORE = ("ltx text encoder",)  # kinds that have their turn before that of the model that needs them, not within it
SAYS = {
    "whole": "all models stay there",
    "in turn": "models come there when they run",
    "layers": "layers come there one after the other",
}


@dataclass(frozen=True)
class Choice:
    """A memory mode, and what the models take [GB]: all of them, the largest alone, and how much there is for them."""

    memory: Memory
    needed: float
    largest: float
    room: float

    @property
    def slices(self) -> bool:
        """Whether autoencoders take one picture at a time."""
        return self.memory != "whole"

    @property
    def tiles(self) -> bool:
        """Whether autoencoders take a picture in parts, which overlap."""
        return self.memory == "layers"

    def told(self, frugal: bool = True) -> str:
        """In words. frugal : whether autoencoders are sliced there, which the main memory does not need."""
        parts = (", autoencoders in slices" * self.slices + " and tiles" * self.tiles) * frugal
        return f"memory {self.memory!r} ({SAYS[self.memory]}{parts}; {self.needed:.1f} GB, {self.largest:.1f} at once)"


def of_accelerator(bfloat16: bool) -> str:
    """The dtype of a large zoo's weights on an accelerator, which has bfloat16 or not."""
    return "bfloat16" if bfloat16 else "float16"


def chosen(zoo: Zoo, free: float, dtype: str, asked: str | None = None, roles: Collection[str] = ()) -> Choice:
    """The mode for `free` [GB] on a device: `asked`, or the fastest that fits. Raises InputError for an unknown one.

    roles : that run, without those that they need; none are those of the zoo's own settings.
    """
    if asked is not None and asked not in MODES:
        raise InputError(f"got memory {asked!r}, expected one of: {', '.join(MODES)}")
    roles = roles or zoo.roles()
    weights = [_sum(parts, dtype) for role in roles for parts in _together(zoo.with_needs(role))]
    decoders = [_sum((part.of(1),), "float32") for part in zoo.parts if part.role in RECONSTRUCTORS]
    needed = _sum(zoo.with_needs(*roles), dtype) + sum(decoders)
    largest, room = max(*weights, *decoders), max(free - HEAD, 0.0)
    fits: Memory = "whole" if needed <= room else "in turn" if largest <= room else "layers"
    return Choice(next((mode for mode in MODES if mode == asked), fits), needed, largest, room)


def _together(parts: Sequence[Part]) -> Iterator[Sequence[Part]]:
    """What is on the device at once of a model and what it needs, which may be there while it runs."""
    yield from ([part] for part in parts if part.kind in BEFORE)
    yield [part for part in parts if part.kind not in BEFORE]


def _sum(parts: Collection[Part], dtype: str) -> float:
    """What the weights of some parts take, in [GB]."""
    return sum(_parameters(part) * BYTES[_dtype_of(part, dtype)] / 1e9 for part in parts)


def _dtype_of(part: Part, dtype: str) -> str:
    """What a part's weights are kept in: judges in float32, and what overflows float16, too."""
    return "float32" if part.role in JUDGES or (part.overflows and dtype == "float16") else dtype


def _parameters(part: Part) -> float:
    """How many a part has: of files that are here in float32, as counted at the paper's sizes, or as fetched."""
    if files := list(part.folder.rglob("*.safetensors")) if part.is_local else []:
        return sum(path.stat().st_size for path in files) / BYTES["float32"]
    return size_of(part.role).parameters if part.role in SIZES else part.size * 1e9 / BYTES["float32"]

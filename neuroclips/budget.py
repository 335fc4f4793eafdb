"""How much memory a zoo's models take on a device, and so how they are placed there. No model library is imported.

Estimates: counts of parameters (neuroclips/sizes), times the bytes of each, and a head for what computing takes beside.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, get_args

from neuroclips.errors import InputError
from neuroclips.parts import Part, Zoo
from neuroclips.sizes import SIZES, size_of
from neuroclips.types import Settings
from neuroclips.zoo_table import RECONSTRUCTORS

Memory = Literal["whole", "in turn", "layers"]
MODES: tuple[Memory, ...] = get_args(Memory)
BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
HEAD = 3.0  # [GB] for what models compute, and for the libraries
INGREDIENTS = ("unet", "motion adapter", "sparse ctrl", "lora", "ltx vae")  # kinds that become part of another model
JUDGES = ("frame judge", "video judge", "clip judge")
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

    def told(self) -> str:
        """In words."""
        parts = ", autoencoders in slices" * self.slices + " and tiles" * self.tiles
        return f"memory {self.memory!r} ({SAYS[self.memory]}{parts}; {self.needed:.1f} GB, {self.largest:.1f} at once)"


def roles_of(zoo: Zoo, settings: Settings, scored: bool = True) -> tuple[str, ...]:
    """The roles, without those that they need, whose models a reconstruction runs; scored : judges, too."""
    roles = ["codec", zoo.video_role(settings.video_model)]
    if settings.guidance.beta:
        roles += ["keyframes"] + ["clip"] * (settings.keyframe_draws > 1)
    if settings.used.captioned:
        roles.append(f"captioner/{settings.captioner}")
    return (*roles, *(JUDGES if scored else ()))


def chosen(zoo: Zoo, free: float, dtype: str, asked: str | None = None) -> Choice:
    """The mode for `free` [GB] on a device: `asked`, or the fastest that fits. Raises InputError for an unknown one."""
    if asked is not None and asked not in MODES:
        raise InputError(f"got memory {asked!r}, expected one of: {', '.join(MODES)}")
    weights = {role: gigabytes(zoo, (role,), dtype) for role in roles_of(zoo, zoo.settings)}
    weights |= {role: _parameters(role) * BYTES["float32"] / 1e9 for role in RECONSTRUCTORS}
    parts = zoo.with_needs(*roles_of(zoo, zoo.settings))
    needed = _sum(parts, dtype) + sum(weights[role] for role in RECONSTRUCTORS)
    largest, room = max(weights.values()), max(free - HEAD, 0.0)
    fits: Memory = "whole" if needed <= room else "in turn" if largest <= room else "layers"
    return Choice(next((mode for mode in MODES if mode == asked), fits), needed, largest, room)


def gigabytes(zoo: Zoo, roles: Collection[str], dtype: str) -> float:
    """What the models of these roles and of those that they need take, in [GB]."""
    return _sum(zoo.with_needs(*roles), dtype)


def _sum(parts: Collection[Part], dtype: str) -> float:
    return sum(_parameters(part.role, part) * BYTES[_dtype_of(part, dtype)] / 1e9 for part in parts)


def _dtype_of(part: Part, dtype: str) -> str:
    """What a part's weights are kept in: judges in float32, and what overflows float16, too."""
    return "float32" if part.role in JUDGES or (part.overflows and dtype == "float16") else dtype


def _parameters(role: str, part: Part | None = None) -> float:
    if role in SIZES:
        return size_of(role).parameters
    return part.size * 1e9 / BYTES["float32"] if part else 0.0

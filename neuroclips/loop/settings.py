"""How a film is sent through a simulated cortex. Nothing heavy is imported here: the page shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from neuroclips.ranges import Checked, Number, Range, Seed
from neuroclips.types import Request
from neuroclips.zoo import zoo_named


@dataclass(frozen=True)
class LoopConfig(Checked):
    """How a film is measured.

    noise : times that of the simulated subject. repeats : showings that are averaged; test clips have ten.
    density : share of the voxels that are kept, the others are 0. shows : what semantic areas are told, as
    `told.parse_shows` reads it; None: the demo captioner says it.
    """

    subject: Number = 1
    noise: Annotated[float, Range(0, 10)] = 1.0
    repeats: Annotated[int, Range(1, 10)] = 10
    density: Annotated[float, Range(above=0, most=1)] = 1.0
    seed: Seed = 0
    shows: str | None = None

    def request(self, device: str | None = None) -> Request:
        """What the decoder is asked: the zoo's settings with this seed."""
        return Request(self.subject, 0, replace(zoo_named().settings, seed=self.seed), device=device)

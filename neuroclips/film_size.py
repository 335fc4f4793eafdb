"""The edge of a film, said once: by the config of the demo zoo's codec, for which all films are drawn."""

from __future__ import annotations

from functools import cache
from math import isqrt

from neuroclips.paths import CHECKPOINTS
from neuroclips.reading import read_json

CODEC = CHECKPOINTS / "demo" / "codec" / "config.json"


@cache
def film_pixels() -> int:
    """The edge [pixels] of simulated films: the codec's sample_size, in patches of its 3 * p * p input channels."""
    config = read_json(CODEC)
    return config["sample_size"] * isqrt(config["in_channels"] // 3)

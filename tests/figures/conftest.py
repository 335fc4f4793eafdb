"""Maps of the shipped subject 1: weights of both models."""

import pytest

from neuroclips.maps.drawn import cortex_map, layered
from neuroclips.maps.sources import Sources


@pytest.fixture(scope="session")
def maps():
    return [cortex_map(layered(Sources(1), "weights", model)) for model in ("perception", "semantic")]


@pytest.fixture(scope="session")
def signed():
    return cortex_map(layered(Sources(1), "difference"))

"""Shared fixtures: the shipped dataset, the shipped demo zoo and some held-out web clips, each loaded once."""

from __future__ import annotations

import pytest
import torch

from neuroclips.data.registry import load_dataset
from neuroclips.paths import CHECKPOINTS
from neuroclips.pipeline import load_pipeline
from neuroclips.web import films as webdata
from neuroclips.zoo import load_judges, zoo_named

DEMO = CHECKPOINTS / "demo"


@pytest.fixture(scope="session")
def data():
    return load_dataset()


@pytest.fixture(scope="session")
def pipeline():
    return load_pipeline()


@pytest.fixture(scope="session")
def judges():
    return load_judges(zoo_named())


@pytest.fixture(scope="session")
def web():
    """Clips (6, 16, 3, 96, 96) of held-out web films and their scripts."""
    indices = range(webdata.HELD_OUT, webdata.HELD_OUT + 6)
    clips = torch.stack([webdata.to_pixels(webdata.web_clip(i)) for i in indices])
    return clips, webdata.web_shots(webdata.HELD_OUT, 6)


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)

"""Shared fixtures: the shipped dataset and the shipped demo zoo, each loaded once."""

from __future__ import annotations

import pytest
import torch

from neuroclips.data.registry import load_dataset
from neuroclips.paths import CHECKPOINTS
from neuroclips.zoo import load_judges, load_pipeline

DEMO = CHECKPOINTS / "demo"


@pytest.fixture(scope="session")
def data():
    return load_dataset()


@pytest.fixture(scope="session")
def pipeline():
    return load_pipeline()


@pytest.fixture(scope="session")
def judges():
    return load_judges()


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)

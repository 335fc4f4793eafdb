"""The pictures that the page draws maps with are those that the meshes give."""

import json

import numpy as np
import pytest
from PIL import Image

from neuroclips.brain.raster import pictures
from neuroclips.paths import ASSETS

HOME = ASSETS / "brain"


@pytest.fixture(scope="module")
def drawn():
    return pictures()


def shipped(name):
    return np.asarray(Image.open(HOME / f"{name}.webp").convert("RGBA"))


@pytest.mark.parametrize("name", ["index", "area", "borders"])
def test_what_is_looked_up_is_shipped_to_the_bit(drawn, name):
    np.testing.assert_array_equal(shipped(name), np.asarray(drawn[0][name]))


def test_the_folds_are_shipped_as_they_are_drawn(drawn):
    """Their WebP is lossy."""
    found, made = shipped("under").astype(int), np.asarray(drawn[0]["under"]).astype(int)
    inside = made[..., 3] > 0
    np.testing.assert_array_equal(found[..., 3], made[..., 3])
    far = np.abs(found - made)[inside][:, :3]
    assert far.mean() < 2 and np.percentile(far, 99) < 10 and np.ptp(made[inside][:, 0]) > 40


def test_areas_have_their_shipped_names(drawn):
    assert drawn[1] == json.loads((HOME / "names.json").read_text(encoding="utf-8"))

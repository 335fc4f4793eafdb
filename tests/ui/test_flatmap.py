"""The colour bar of the flat map is that of the paper: inferno from 0.25 to 0.75."""

import base64

import matplotlib
import numpy as np
import pytest

from neuroclips.ui import flatmap

INFERNO = (matplotlib.colormaps["inferno"](np.linspace(0, 1, 256))[:, :3] * 255).astype(int)


def byte_of(value):
    """The byte that stands for a value, as the browser gets it."""
    packed = flatmap.pack(np.array([value]), "")["b64"]
    return base64.b64decode(packed)[0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0, 0), (0.25, 0), (0.5, 128), (0.75, 255), (1.0, 255)],
)
def test_colours_run_over_a_quarter_to_three_quarters(value, expected):
    colours = flatmap._colours().astype(int)
    assert np.abs(colours[byte_of(value)] - INFERNO[expected]).max() <= 4  # within half a byte of the value


def test_what_is_missing_has_a_byte_of_its_own():
    assert byte_of(np.nan) == 0 and byte_of(0.0) == 1 and byte_of(1.0) == 255
    assert (flatmap.LOW, flatmap.HIGH) == (0.25, 0.75)

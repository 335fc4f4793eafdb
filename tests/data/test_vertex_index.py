"""The vertex index, which says where voxels lie: anything that would show them at other places is refused."""

import numpy as np
import pytest

from neuroclips.data.base import checked_vertex_index
from neuroclips.errors import InputError


def test_a_vertex_index_is_taken_in_its_own_order():
    index = checked_vertex_index("index.npy", np.array([59_411, 0, 7], np.uint16), 3)
    assert index.tolist() == [59_411, 0, 7] and index.dtype == np.int64
    assert checked_vertex_index("index.npy", [2, 1]).tolist() == [2, 1]


@pytest.mark.parametrize(
    ("index", "complaint"),
    [
        (np.arange(4), r"shape \(4,\), expected \(3,\)"),
        (np.zeros((3, 1), int), r"shape \(3, 1\), expected \(3,\)"),
        (np.int64(3), r"shape \(\), expected \(3,\)"),
        (np.array([0, 1, 59_412]), "got vertices 0 to 59412, expected rows among the cortical vertices, 0 to 59411"),
        (np.array([-1, 1, 2]), "got vertices -1 to 2"),
        (np.array([0, 1, 2**64 - 1], np.uint64), "got vertices 0 to 18446744073709551615"),
        (np.array([0.0, 1.0, np.nan]), "type float64, expected whole numbers"),
        (np.array([True, False, True]), "type bool, expected whole numbers"),
        (np.array([0, 1, 2j]), "type complex128, expected whole numbers"),
        (np.array(["0", "1", "2"]), "type <U1, expected whole numbers"),
        (np.array([(0,), (1,), (2,)], [("row", int)]), "expected whole numbers"),
        (np.array([0, 5, 5]), "got 1 vertices more than once"),
    ],
)
def test_other_vertex_indices_are_named(index, complaint):
    with pytest.raises(InputError, match=complaint) as caught:
        checked_vertex_index("index.npy", index, 3)
    assert str(caught.value).startswith("index.npy: ")


def test_an_index_of_nothing_is_named():
    with pytest.raises(InputError, match=r"shape \(0,\), expected \(n_voxels,\)"):
        checked_vertex_index("index.npy", np.zeros(0, int))

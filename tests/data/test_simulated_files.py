"""Files in the place of the shipped clips, and training arrays: damage and values that are no z-scores are named."""

import json

import numpy as np
import pytest

from neuroclips.data.simulated import N_SHIPPED, STANDARD, SimulatedDataset, is_made
from neuroclips.data.training import ArraysTraining
from neuroclips.errors import InputError
from neuroclips.files import write_json
from neuroclips.paths import cache_dir
from neuroclips.preprocessing.clean import PreprocessConfig
from tests.data.builders import DAMAGES, change_zip

FMRI = np.random.default_rng(0).standard_normal((N_SHIPPED, 6)).astype(np.float16)
INDEX = np.arange(6)


def opened(folder, test_fmri=FMRI, vertex_index=INDEX, damage=None, **other):
    arrays = {"test_fmri": test_fmri, "vertex_index": vertex_index, **other}
    path = folder / "subject1.npz"
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    if damage in DAMAGES:
        path.write_bytes(DAMAGES[damage](path.read_bytes()))
    elif damage:
        change_zip(path, *damage)
    return SimulatedDataset(folder, {1: 6})


def _with(value):
    values = FMRI.astype(np.float64)
    values[7, 2] = value
    return values


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        *(({"damage": damage}, "expected") for damage in (*DAMAGES, (6, 1), (8, 97))),
        ({"test_fmri": None}, "expected also test_fmri"),
        ({"vertex_index": None}, "expected also vertex_index"),
        ({"test_fmri": FMRI[:299]}, r"got \(299, 6\), expected \(300, 6\)"),
        ({"test_fmri": FMRI[:, :5]}, r"got \(300, 5\)"),
        ({"test_fmri": _with(np.nan)}, "got 1 of 1,800 values that are NaN"),
        ({"test_fmri": _with(np.inf)}, "NaN, infinite"),
        ({"test_fmri": _with(1e300)}, "beyond float32"),
        ({"test_fmri": FMRI * 1j}, "type complex"),
        ({"test_fmri": FMRI.astype(str)}, "type <U"),
        ({"test_fmri": np.full((300, 6), print, object)}, "expected"),
        ({"vertex_index": INDEX[:5]}, r"shape \(5,\), expected \(6,\)"),
        ({"vertex_index": INDEX[:, None]}, r"shape \(6, 1\)"),
        ({"vertex_index": INDEX.astype(float)}, "whole numbers"),
        ({"vertex_index": INDEX // 2}, "more than once"),
        ({"vertex_index": INDEX + 59_410}, "0 to 59411"),
    ],
)
def test_shipped_clips_that_are_not_as_they_should_be_are_named(tmp_path, changed, complaint):
    with pytest.raises(InputError, match=complaint) as caught:
        opened(tmp_path, **changed)
    assert str(caught.value).startswith(str(tmp_path / "subject1.npz")) and "\n" not in str(caught.value)


def test_whole_ones_are_read_and_raw_ones_warned_of(tmp_path):
    assert np.array_equal(opened(tmp_path).sample(1, 7).voxels, FMRI[7].astype(np.float32))
    with pytest.warns(UserWarning, match=r"subject1\.npz: got samples of mean 1,0"):
        opened(tmp_path, 1000 + FMRI.astype(np.float32))


@pytest.fixture
def home(tmp_path):
    """Two training films of one subject, as `preprocess` writes them."""
    home = tmp_path / "subject2"
    home.mkdir()
    meta = {"dataset": "simulated", "subject": "subject2", "films": ["seg1", "seg3"], "n_voxels": 3, "tr": 2.0}
    (home / "meta.json").write_text(json.dumps(meta))
    return home


@pytest.mark.parametrize("damage", [*DAMAGES, "folder"])
def test_a_damaged_training_array_is_named(home, damage):
    path = home / "train_fmri.npy"
    np.save(path, np.zeros((480, 2, 3), np.float32))
    if damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        path.write_bytes(DAMAGES[damage](path.read_bytes()))
    with pytest.raises(InputError, match=r"train_fmri\.npy: got"):
        ArraysTraining(home.parent).fmri(2)


@pytest.mark.parametrize(
    ("value", "dtype", "complaint"),
    [
        (np.nan, np.float32, "got 1 of 2,880 values that are NaN"),
        (np.inf, np.float32, "NaN, infinite"),
        (1e300, np.float64, "beyond float32"),
        (1j, np.complex64, "type complex64"),
        ("a", "U1", "type <U1"),
        (True, bool, "type bool"),
    ],
)
def test_training_arrays_of_other_values_are_named(home, value, dtype, complaint):
    array = np.zeros((480, 2, 3), dtype)
    array[300, 1, 2] = value
    np.save(home / "train_fmri.npy", array)
    with pytest.raises(InputError, match=complaint) as caught:
        ArraysTraining(home.parent).fmri(2)
    assert str(caught.value).startswith(str(home / "train_fmri.npy"))


def test_what_is_damaged_in_the_cache_counts_as_not_made(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path))
    home = cache_dir("simulated", "subject1")
    for name in ("train_fmri", "test_fmri", "vertex_index"):
        np.save(home / f"{name}.npy", np.arange(40))
    told = {"n_tested": 4, "n_passed": 4, "missing_runs": [], "n_voxels": 4, "tr": 2.0, **vars(PreprocessConfig())}
    write_json(home / "meta.json", {**STANDARD, **told, "subject": "subject1"})
    assert is_made(1) and not is_made(2)
    for name in ("train_fmri.npy", "meta.json"):
        whole = (home / name).read_bytes()
        (home / name).write_bytes(whole[:60])
        assert not is_made(1)
        (home / name).write_bytes(whole)
    assert is_made(1)

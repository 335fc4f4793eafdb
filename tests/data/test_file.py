"""A visitor's arrays: what is no table of finite numbers is named, and what is no z-score is warned of."""

import os
import warnings

import numpy as np
import pytest
import torch

from neuroclips.data.file import FileDataset
from neuroclips.errors import InputError, MissingError, TooLargeError
from tests.data.builders import DAMAGES, change_zip, run_and_mask

SAMPLES = np.random.default_rng(0).standard_normal((6, 40)).astype(np.float32)


def saved(folder, array, name="mine.npy"):
    np.save(folder / "written.npy", array, allow_pickle=True)
    return (folder / "written.npy").rename(folder / name)


def _with(value, where=(2, 3), dtype=np.float64):
    values = SAMPLES.astype(dtype)
    values[where] = value
    return values


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, ">f4", np.int8])
def test_real_numbers_of_any_size_are_read(tmp_path, dtype):
    array = np.round(2 * SAMPLES).astype(dtype)
    data = FileDataset(saved(tmp_path, array, "MINE.NPY"))
    assert torch.equal(data.sample(1, 2).voxels, torch.from_numpy(np.round(2 * SAMPLES[2])))


@pytest.mark.parametrize(
    ("array", "complaint"),
    [
        (SAMPLES.astype(np.complex64), "type complex64, expected real numbers"),
        (SAMPLES.astype(str), "type <U"),
        (SAMPLES > 0, "type bool"),
        (np.zeros(3, [("a", "f4")]), "expected numbers"),
        (np.array([print], object), "expected an array of numbers"),
        (_with(np.nan), "got 1 of 240 values that are NaN"),
        (_with(np.inf), "got 1 of 240 values that are NaN, infinite"),
        (_with(1e300), "beyond float32"),
        (np.full((6, 40), np.nan), "got 240 of 240"),
        (SAMPLES[None, None], r"shape \(1, 1, 6, 40\), expected \(n_samples, n_voxels\)"),
        (np.float32(1), r"shape \(\)"),
        (SAMPLES[:0], r"shape \(0, 40\)"),
        (_with(np.nan)[:, None], "got 1 of 240"),
        (np.full((6, 2, 40), np.nan), "got 240 of 240"),
    ],
)
@pytest.mark.parametrize("name", ["mine.npy", "mine.npz"])
def test_other_arrays_are_named(tmp_path, array, complaint, name):
    path = saved(tmp_path, array) if name == "mine.npy" else tmp_path / name
    if name == "mine.npz":
        np.savez(path, fmri=array)
        complaint = complaint.replace("an array of numbers", "arrays of numbers")
    with pytest.raises(InputError, match=complaint) as caught:
        FileDataset(path)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


def test_a_repeat_that_is_missing_as_a_whole_does_not_count(tmp_path):
    repeats = np.stack([SAMPLES, 3 * SAMPLES, np.full_like(SAMPLES, np.nan)], 1)
    assert torch.allclose(FileDataset(saved(tmp_path, repeats)).sample(1, 4).voxels, torch.from_numpy(2 * SAMPLES[4]))


@pytest.mark.parametrize("array", [10_000 + 100 * SAMPLES, 100 * SAMPLES, SAMPLES + 3, 1e-3 * SAMPLES, 0 * SAMPLES])
def test_samples_that_are_no_z_scores_are_warned_of(tmp_path, array):
    path = saved(tmp_path, array)
    numbers = f"mean {array.mean(dtype=np.float64):,.4g} and standard deviation {array.std(dtype=np.float64):,.4g}"
    with pytest.warns(UserWarning) as caught:
        FileDataset(path)
    assert str(caught[0].message).startswith(f"{path}: got samples of {numbers}, expected z-scores")


def test_z_scores_and_means_of_them_are_not_warned_of(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for share in (1, 0.3):
            FileDataset(saved(tmp_path, share * SAMPLES))


@pytest.mark.parametrize(
    ("index", "complaint"),
    [
        (np.arange(41), r"shape \(41,\), expected \(40,\)"),
        (np.arange(40)[None], r"shape \(1, 40\)"),
        (np.r_[0, np.arange(39)], "more than once"),
        (np.arange(40) - 1, "expected rows among the cortical vertices"),
        (np.arange(40) + 59_400, "0 to 59411"),
        (np.where(np.arange(40) == 3, np.nan, np.arange(40)), "whole numbers"),
        (np.arange(40) * 1j, "whole numbers"),
        (np.arange(40).astype(str), "whole numbers"),
        (np.zeros(40, [("row", "i4")]), "expected numbers"),
    ],
)
def test_a_vertex_index_that_does_not_fit_is_named_by_its_own_file(tmp_path, index, complaint):
    path, beside = saved(tmp_path, SAMPLES), saved(tmp_path, index, "index.npy")
    with pytest.raises(InputError, match=complaint) as caught:
        FileDataset(path, vertex_index=beside)
    assert str(caught.value).startswith(str(beside))
    np.savez(tmp_path / "mine.npz", fmri=SAMPLES, vertex_index=index)
    with pytest.raises(InputError, match=rf"mine\.npz.*{complaint}"):
        FileDataset(tmp_path / "mine.npz")


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["mine.npy", "mine.npz", "index.npy"])
def test_damaged_files_are_named(tmp_path, damage, name):
    paths = [saved(tmp_path, SAMPLES), tmp_path / "mine.npz", saved(tmp_path, np.arange(40), "index.npy")]
    np.savez_compressed(paths[1], fmri=SAMPLES)
    harmed = tmp_path / name
    harmed.write_bytes(DAMAGES[damage](harmed.read_bytes()))
    with pytest.raises(InputError, match="expected") as caught:
        FileDataset(paths[1] if name == "mine.npz" else paths[0], vertex_index=paths[2])
    assert str(caught.value).startswith(str(harmed)) and "\n" not in str(caught.value)


@pytest.mark.parametrize(("offset", "value"), [(6, 1), (8, 97)], ids=["encrypted", "unknown method"])
def test_a_zip_that_numpy_cannot_unpack_is_named(tmp_path, offset, value):
    np.savez_compressed(tmp_path / "mine.npz", fmri=SAMPLES)
    change_zip(tmp_path / "mine.npz", offset, value)
    with pytest.raises(InputError, match=r"mine\.npz: got"):
        FileDataset(tmp_path / "mine.npz")


@pytest.mark.parametrize("name", ["mine.npy", "mine.npz", "mine.nii", "mine.nii.gz", "hemi-L.func.gii"])
@pytest.mark.parametrize("kind", ["pipe", "folder", "nothing"])
def test_what_is_no_file_is_not_opened(tmp_path, name, kind):
    path, samples = tmp_path / name, saved(tmp_path, SAMPLES, "samples.npy")
    if kind != "nothing":
        (os.mkfifo if kind == "pipe" else os.mkdir)(path)
    for arguments in ((path,), (samples, path)):
        with pytest.raises(MissingError if kind == "nothing" else InputError, match=name):
            FileDataset(*arguments)


def test_a_mask_that_is_no_file_is_not_opened(tmp_path):
    run, _ = run_and_mask(tmp_path)
    os.mkfifo(tmp_path / "pipe.nii")
    for name in ("pipe.nii", "none.nii", "."):
        with pytest.raises(InputError, match="expected a NIfTI mask"):
            FileDataset(run, mask=tmp_path / name)


def test_claims_beyond_memory_are_refused_before_they_are_read(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "bomb.npz", fmri=np.zeros((1000, 1000)))
    np.save(tmp_path / "bomb.npy", np.zeros((1000, 1000)))
    monkeypatch.setattr("psutil.virtual_memory", lambda: type("Memory", (), {"available": 7_000_000})())
    for name in ("bomb.npz", "bomb.npy"):
        with pytest.raises(TooLargeError, match=name):
            FileDataset(tmp_path / name)


def test_names_and_arrays_that_are_not_known_are_told(tmp_path):
    with pytest.raises(InputError, match=r"got mine\.csv, expected one of: \.dtseries\.nii"):
        FileDataset(saved(tmp_path, SAMPLES, "mine.csv"))
    for arrays in ({"first": SAMPLES, "second": SAMPLES}, {"vertex_index": np.arange(40)}):
        np.savez(tmp_path / "two.npz", **arrays)
        with pytest.raises(InputError, match="expected one called fmri"):
            FileDataset(tmp_path / "two.npz")

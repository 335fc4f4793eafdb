"""NIfTI runs and masks: the right values come out, and whatever does not fit is told of the file that it is in."""

import gzip

import nibabel
import numpy as np
import pytest
import torch

from neuroclips.data.file import FileDataset
from neuroclips.data.volumes import read_volumes
from neuroclips.errors import InputError, TooLargeError
from tests.data.builders import DAMAGES, N_VOLUMES, SHAPE, mask_values, nifti, run_and_mask, run_values


@pytest.mark.parametrize("name", ["run.nii", "run.nii.gz", "RUN.NII", "RUN.NII.GZ"])
@pytest.mark.parametrize("kind", [nibabel.Nifti1Image, nibabel.Nifti2Image])
@pytest.mark.parametrize("dtype", [np.int16, np.float32, np.float64])
def test_the_voxels_inside_the_mask_are_read(tmp_path, name, kind, dtype):
    values = (10 * run_values()).astype(dtype)
    run, mask = run_and_mask(tmp_path, values, name=name, kind=kind)
    assert np.allclose(read_volumes(run, mask), values[1, 2, :3].T)
    data = FileDataset(run, mask=mask)
    samples = torch.stack([data.sample(1, i).voxels for i in range(N_VOLUMES)])
    assert torch.allclose(samples.mean(0), torch.zeros(3), atol=1e-5)
    assert torch.allclose(samples.std(0), torch.ones(3), atol=1e-4)


def test_scaled_integers_are_read_as_what_they_stand_for(tmp_path):
    values = run_values()
    image = nibabel.Nifti1Image(values, np.eye(4))
    image.header.set_xyzt_units("mm", "sec")
    image.header["pixdim"][4] = 2
    image.set_data_dtype(np.int16)
    nibabel.save(image, tmp_path / "run.nii.gz")
    mask = nifti(tmp_path / "mask.nii", mask_values())
    assert np.allclose(read_volumes(tmp_path / "run.nii.gz", mask), values[1, 2, :3].T, atol=1e-3)


def test_a_voxel_that_never_changes_becomes_zero(tmp_path):
    values = run_values()
    values[1, 2, 0] = 1234.5
    data = FileDataset(*_pair(tmp_path, values))
    assert data.sample(1, 5).voxels[0] == 0 and data.sample(1, 5).voxels[1] != 0
    with pytest.raises(InputError, match="no voxel that changes"):
        FileDataset(*_pair(tmp_path, np.full((*SHAPE, N_VOLUMES), 1234.5)))


def _pair(folder, run=None, mask=None, **about):
    """Arguments of FileDataset."""
    run, mask = run_and_mask(folder, run, mask, **about)
    return run, None, mask


@pytest.mark.parametrize(("tr", "unit"), [(2.0, "sec"), (2000.0, "msec"), (2e6, "usec"), (2.0001, "sec")])
def test_the_unit_of_the_tr_is_read(tmp_path, tr, unit):
    assert FileDataset(*_pair(tmp_path, tr=tr, unit=unit)).info.tr == 2.0


@pytest.mark.parametrize(
    ("tr", "unit", "complaint"),
    [
        (0.72, "sec", "got a TR of 0.72 s, expected 2 s"),
        (720.0, "msec", "got a TR of 0.72 s, expected 2 s"),
        (2.0, "msec", "got a TR of 0.002 s"),
        (2000.0, "sec", "got a TR of 2000 s"),
        (1.0, "unknown", "got a TR of 1 without a unit"),
        (2.0, "hz", "taken as sec"),
        (2.0, "unknown", "taken as sec"),
        (2000.0, "unknown", "taken as msec"),
        (3.0, "unknown", "got a TR of 3 without a unit"),
        (0.0, "sec", "got no TR"),
        (-2.0, "sec", "got no TR"),
        (np.nan, "sec", "got no TR"),
    ],
)
def test_another_tr_is_named(tmp_path, tr, unit, complaint):
    arguments = _pair(tmp_path, tr=tr, unit=unit)
    if complaint.startswith("taken"):
        with pytest.warns(UserWarning, match=rf"run\.nii: got a TR of {tr:g} without a unit, {complaint}$"):
            FileDataset(*arguments)
        return
    with pytest.raises(InputError, match=rf"run\.nii: {complaint}"):
        FileDataset(*arguments)


def _with(values, where, value):
    values = values.astype(np.float64)
    values[where] = value
    return values


@pytest.mark.parametrize(
    ("mask", "complaint"),
    [
        (np.ones((4, 4, 5), np.uint8), r"shape \(4, 4, 5\), expected \(3, 4, 5\), that of run.nii"),
        (np.ones((*SHAPE, 2), np.uint8), r"shape \(3, 4, 5, 2\)"),
        (np.zeros(SHAPE, np.uint8), "mask of zeros"),
        (np.arange(60, dtype=np.int16).reshape(SHAPE), "mask of 60 different values"),
        (_with(mask_values(), (0, 0, 0), 2), "mask of 3 different values"),
        (_with(mask_values(), (0, 0, 0), np.nan), "NaN or infinite"),
        (_with(mask_values(), (0, 0, 0), np.inf), "NaN or infinite"),
        (mask_values().astype(np.complex64), "type complex64"),
        (np.zeros(SHAPE, [("R", "u1"), ("G", "u1"), ("B", "u1")]), "expected a NIfTI mask"),
    ],
)
def test_a_mask_that_does_not_fit_is_named_as_such(tmp_path, mask, complaint):
    with pytest.raises(InputError, match=complaint) as caught:
        FileDataset(*_pair(tmp_path, mask=mask))
    assert str(caught.value).startswith(str(tmp_path / "mask.nii"))


def test_a_mask_of_another_place_is_named(tmp_path):
    run, mask = run_and_mask(tmp_path)
    nifti(mask, mask_values(), affine=np.diag([2.0, 2, 2, 1]))
    with pytest.raises(InputError, match=r"mask\.nii: got a mask with another affine than run\.nii"):
        FileDataset(run, mask=mask)
    moved = np.eye(4)
    moved[0, 3] = 3.0
    nifti(mask, mask_values(), affine=moved)
    with pytest.raises(InputError, match="another affine"):
        FileDataset(run, mask=mask)


@pytest.mark.parametrize("mask", [mask_values()[..., None], 255 * mask_values(), mask_values() * 0.5])
def test_masks_of_two_values_are_read(tmp_path, mask):
    assert FileDataset(*_pair(tmp_path, mask=mask)).info.n_voxels == {1: 3}


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_what_is_not_finite_counts_inside_the_mask_alone(tmp_path, value):
    outside, inside = run_values(), run_values()
    outside[0, 0, 0, 3], inside[1, 2, 1, 3] = value, value
    assert torch.equal(FileDataset(*_pair(tmp_path, outside)).sample(1, 0).voxels, _plain(tmp_path))
    with pytest.raises(InputError, match=r"run\.nii: got 1 of 90 values that are NaN, infinite or beyond float32"):
        FileDataset(*_pair(tmp_path, inside))


def _plain(folder):
    return FileDataset(*_pair(folder)).sample(1, 0).voxels


COLOURS = np.zeros((*SHAPE, N_VOLUMES), [("R", "u1"), ("G", "u1"), ("B", "u1")])


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        (COLOURS, "expected a NIfTI run of one number per voxel"),
        (run_values().astype(np.complex64), "type complex64"),
        (run_values()[..., 0], r"shape \(3, 4, 5\), expected 4 dimensions"),
        (run_values()[..., None, :], r"shape \(3, 4, 5, 1, 30\)"),
        (run_values()[..., :7], "got 7 volumes, expected a run of at least 8"),
    ],
)
def test_what_is_no_run_is_named(tmp_path, values, complaint):
    with pytest.raises(InputError, match=complaint) as caught:
        FileDataset(*_pair(tmp_path, values))
    assert str(caught.value).startswith(str(tmp_path / "run.nii"))


@pytest.mark.parametrize("name", ["run.nii", "run.nii.gz"])
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("which", ["run", "mask"])
def test_a_damaged_run_or_mask_is_named(tmp_path, name, damage, which):
    run, mask = run_and_mask(tmp_path, name=name)
    path = run if which == "run" else mask
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    with pytest.raises(InputError, match="expected") as caught:
        FileDataset(run, mask=mask)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


def test_a_flipped_bit_in_a_gz_is_told_by_its_check_sum(tmp_path):
    run, mask = run_and_mask(tmp_path, name="run.nii.gz")
    content = bytearray(gzip.decompress(run.read_bytes()))
    content[-1] ^= 64
    changed = gzip.compress(bytes(content))
    run.write_bytes(changed[:-8] + run.read_bytes()[-8:-4] + changed[-4:])
    with pytest.raises(InputError, match=r"run\.nii\.gz: got a file that does not read \(CRC"):
        FileDataset(run, mask=mask)


def _claim(path, shape):
    """A header alone, that claims values of a shape."""
    header = nibabel.Nifti2Header()
    header.set_data_shape(shape)
    header.set_xyzt_units("mm", "sec")
    header["pixdim"][4], header["magic"] = 2.0, b"n+2\0\r\n\x1a\n"
    path.write_bytes(gzip.compress(header.binaryblock + bytes(1000)))
    return path


def test_a_claim_beyond_memory_is_refused_before_it_is_read(tmp_path):
    """10^15 volumes inside a mask, and a mask of 10^12 voxels."""
    header = nibabel.Nifti2Header()
    header.set_data_shape((*SHAPE, 10**15))
    mask = nifti(tmp_path / "mask.nii", mask_values(), affine=header.get_base_affine())
    with pytest.raises(TooLargeError, match=r"run\.nii\.gz: got [\d,.]+ GB"):
        FileDataset(_claim(tmp_path / "run.nii.gz", (*SHAPE, 10**15)), mask=mask)
    wide = 3 * (10**4,)
    with pytest.raises(TooLargeError, match=r"mask\.nii\.gz: got [\d,.]+ GB"):
        FileDataset(_claim(tmp_path / "run.nii.gz", (*wide, 9)), mask=_claim(tmp_path / "mask.nii.gz", wide))


def test_headers_of_any_junk_are_named(tmp_path):
    """Every third byte of a header changed in turn: read as it was, or named; never another exception."""
    run, mask = run_and_mask(tmp_path, run_values().astype(np.float32))
    whole, rng = run.read_bytes(), np.random.default_rng(3)
    for place in range(0, 348, 3):
        changed = bytearray(whole)
        changed[place] ^= int(rng.integers(1, 256))
        run.write_bytes(changed)
        try:
            FileDataset(run, mask=mask)
        except InputError as error:
            assert "run.nii" in str(error) and "\n" not in str(error)


def test_a_mask_is_for_nifti_alone(tmp_path):
    np.save(tmp_path / "mine.npy", run_values()[0, 0].T)
    with pytest.raises(InputError, match=r"mine\.npy: got the mask .* masks are for NIfTI files"):
        FileDataset(tmp_path / "mine.npy", mask=nifti(tmp_path / "mask.nii", mask_values()))
    with pytest.raises(InputError, match="without a mask"):
        FileDataset(run_and_mask(tmp_path)[0])

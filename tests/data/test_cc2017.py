"""The authors' files: what is damaged, sparse, shown many times, not finite or of another scale is named."""

import numpy as np
import pytest
import torch

from neuroclips.data.cc2017 import Cc2017Dataset, Cc2017Layout, Cc2017TrainingFiles
from neuroclips.errors import InputError, TooLargeError
from tests.data.builders import DAMAGES, change_zip, compress_zip

SMALL = Cc2017Layout(n_voxels={1: 7}, n_train=12, n_test=8, pixels=16)
READ = {
    "subj01_train_fmri.pt": lambda folder: Cc2017TrainingFiles(folder, SMALL).fmri(1),
    "subj01_test_fmri.pt": lambda folder: Cc2017Dataset(folder, SMALL).sample(1, 3),
    "GT_train_3fps.pt": lambda folder: Cc2017TrainingFiles(folder, SMALL).frames(3),
    "GT_test_3fps.pt": lambda folder: Cc2017Dataset(folder, SMALL).stimulus(3, 6),
    "GT_train_caption.pt": lambda folder: Cc2017TrainingFiles(folder, SMALL).caption(3),
    "GT_test_caption.pt": lambda folder: Cc2017Dataset(folder, SMALL).caption(3),
}
FMRI, FRAMES = ("subj01_train_fmri.pt", "subj01_test_fmri.pt"), ("GT_train_3fps.pt", "GT_test_3fps.pt")


def whole(name):
    """What the authors' file of a name holds, at a small size."""
    shape = SMALL.shape(name)
    return np.array([f"clip {i}" for i in range(shape[0])]) if "caption" in name else torch.rand(shape)


def refused(folder, name, value, complaint):
    torch.save(value, folder / name)
    with pytest.raises(InputError, match=complaint) as caught:
        READ[name](folder)
    assert str(caught.value).startswith(str(folder / name)) and "\n" not in str(caught.value)


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("damage", [*DAMAGES, "folder", "encrypted", "unknown method"])
def test_a_damaged_file_is_named(tmp_path, name, damage):
    path = tmp_path / name
    torch.save(whole(name), path)
    READ[name](tmp_path)
    if damage == "folder":
        path.unlink()
        path.mkdir()
    elif damage in DAMAGES:
        path.write_bytes(DAMAGES[damage](path.read_bytes()))
    else:
        change_zip(path, *((6, 1) if damage == "encrypted" else (8, 97)))
    with pytest.raises(InputError, match="expected") as caught:
        READ[name](tmp_path)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


@pytest.mark.parametrize("name", [*FMRI, *FRAMES])
def test_compressed_members_are_unpacked(tmp_path, name):
    def values():
        value = READ[name](tmp_path)
        return np.array(getattr(value, "voxels", value))

    torch.save(whole(name), tmp_path / name)
    before = values()
    compress_zip(tmp_path / name)
    assert np.array_equal(before, values())


def test_compressed_members_beyond_memory_are_not_unpacked(tmp_path, monkeypatch):
    torch.save(whole(FMRI[0]), tmp_path / FMRI[0])
    compress_zip(tmp_path / FMRI[0])
    monkeypatch.setattr("psutil.virtual_memory", lambda: type("Memory", (), {"available": 100})())
    with pytest.raises(TooLargeError, match=FMRI[0]):
        READ[FMRI[0]](tmp_path)


@pytest.mark.parametrize("name", [*FMRI, *FRAMES])
@pytest.mark.parametrize("dtype", [torch.float16, torch.float64])
def test_other_floats_are_read(tmp_path, name, dtype):
    torch.save(torch.nn.Parameter(whole(name).to(dtype)), tmp_path / name)
    value = READ[name](tmp_path)
    assert torch.as_tensor(getattr(value, "voxels", value)).isfinite().all()


@pytest.mark.parametrize("name", [*FMRI, *FRAMES])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.complex64, torch.bool, torch.bfloat16])
def test_other_numbers_are_named(tmp_path, name, dtype):
    complaint = "complex" if dtype.is_complex else f"got values of type {dtype}"
    refused(tmp_path, name, whole(name).to(dtype), complaint)


@pytest.mark.parametrize("name", [*FMRI, *FRAMES])
@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda x: x.to_sparse(), "sparse"),
        (lambda x: x[:1, :1].expand(x.shape[0], x.shape[1], *x.shape[2:]), "expanded"),
        (lambda x: torch.zeros(()).expand(x.shape), "expanded"),
        (lambda x: x.to("meta"), "meta"),
        (lambda x: {"fmri": x}, "got a dict"),
        (lambda x: [x], "got a list"),
        (lambda x: x[:-1], "expected"),
        (lambda x: x.numpy(), "got"),
        (lambda x: np.array(["text"] * len(x)), "expected"),
    ],
)
def test_what_is_no_plain_table_is_named(tmp_path, name, change, complaint):
    refused(tmp_path, name, change(whole(name)), complaint)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", [*FMRI, *FRAMES])
def test_values_that_are_not_finite_are_named(tmp_path, name, value):
    changed = whole(name)
    changed.view(len(changed), -1)[3, 5] = value
    refused(tmp_path, name, changed, "NaN, infinite" if name in FMRI else "got frames from")


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("scale", [lambda x: 255 * x, lambda x: 2 * x - 1])
def test_frames_of_another_scale_are_named(tmp_path, name, scale):
    refused(tmp_path, name, scale(whole(name)), "clip 3: got frames from .* expected 0 to 1")


@pytest.mark.parametrize("name", FRAMES)
def test_frames_that_overshoot_a_little_are_clipped(tmp_path, name):
    torch.save(1.1 * whole(name) - 0.05, tmp_path / name)
    frames = READ[name](tmp_path)
    assert frames.min() == 0 and frames.max() == 1


@pytest.mark.parametrize("name", ["GT_train_caption.pt", "GT_test_caption.pt"])
@pytest.mark.parametrize("change", [lambda x: x.astype(bytes), lambda x: list(x), lambda x: torch.zeros(len(x))])
def test_captions_that_are_no_strings_are_named(tmp_path, name, change):
    refused(tmp_path, name, change(whole(name)), "got")

"""Files of any damage end in one line that names them, and nothing in them is run."""

import json
import os
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from neuroclips.errors import InputError, MissingError, TooLargeError
from neuroclips.reading import array_names, read_array, read_arrays, read_json
from neuroclips.tensors import is_finite, oddity, read_safetensors, read_saved, shapes_in

VALUES = torch.arange(6.0).reshape(2, 3)


def json_file(path):
    path.write_text(json.dumps({"a": 1}))


def npy(path):
    np.save(path.open("wb"), VALUES.numpy())


def npz(path):
    np.savez_compressed(path.open("wb"), values=VALUES.numpy())


def safetensors(path):
    save_file({"values": VALUES}, path)


def saved(path):
    torch.save({"values": VALUES}, path)


READERS = [(read_json, json_file), (read_array, npy), (read_arrays, npz), (read_safetensors, safetensors)]
READERS += [(shapes_in, safetensors), (read_saved, saved)]
DAMAGES = {
    "empty": lambda whole: b"",
    "cut": lambda whole: whole[: len(whole) // 2],
    "junk": lambda whole: b"\x93\x00junk" * 40,
    "pointer": lambda whole: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
    "text": lambda whole: b"<html>404</html>",
}
each_reader = pytest.mark.parametrize(("read", "write"), READERS, ids=lambda f: f.__name__)


@each_reader
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_named_in_one_line(tmp_path, read, write, damage):
    path = tmp_path / "some file"
    write(path)
    read(path)  # whole, it reads
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    with pytest.raises(InputError, match="some file") as caught:
        read(path)
    assert "\n" not in str(caught.value) and "expected" in str(caught.value)


@each_reader
def test_what_is_no_file_is_not_opened(tmp_path, read, write):
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "."):
        with pytest.raises(InputError, match="expected"):
            read(tmp_path / name)
    with pytest.raises(MissingError, match="no file"):
        read(tmp_path / "none")


@pytest.mark.parametrize("value", ["[1]", "3", '"text"', "null"])
def test_json_that_is_no_object_is_refused(tmp_path, value):
    (tmp_path / "a.json").write_text(value)
    with pytest.raises(InputError, match="expected a JSON object"):
        read_json(tmp_path / "a.json")


def test_objects_and_records_are_no_numbers(tmp_path):
    np.save(tmp_path / "o.npy", np.array([print], object), allow_pickle=True)
    np.save(tmp_path / "r.npy", np.zeros(2, [("a", "f4")]))
    np.savez(tmp_path / "o.npz", fmri=np.array([print], object))
    for name, read in (("o.npy", read_array), ("r.npy", read_array), ("o.npz", read_arrays)):
        with pytest.raises(InputError, match=name):
            read(tmp_path / name)


def test_a_claim_beyond_memory_is_refused_before_it_is_read(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "bomb.npz", fmri=np.zeros((1000, 1000)))
    np.save(tmp_path / "large.npy", np.zeros((1000, 1000)))
    monkeypatch.setattr("psutil.virtual_memory", lambda: type("Memory", (), {"available": 1_000_000})())
    for name, read in (("bomb.npz", read_arrays), ("large.npy", read_array)):
        with pytest.raises(TooLargeError, match=name):
            read(tmp_path / name)
    assert read_array(tmp_path / "large.npy", mapped=True).shape == (1000, 1000)  # needs no memory


def test_a_missing_array_is_named_with_those_that_are_there(tmp_path):
    npz(tmp_path / "a.npz")
    with pytest.raises(InputError, match="got arrays values, expected also index"):
        read_arrays(tmp_path / "a.npz", ["values", "index"])


def test_a_zip_with_an_encrypted_or_unknown_member_is_refused(tmp_path):
    npz(tmp_path / "a.npz")
    whole = (tmp_path / "a.npz").read_bytes()
    for offset, value in (
        (6, 1),
        (8, 97),
    ):  # flags and method; in the directory 2 bytes further
        damaged = bytearray(whole)
        directory = whole.index(b"PK\x01\x02")
        damaged[offset], damaged[directory + offset + 2] = value, value
        (tmp_path / "b.npz").write_bytes(damaged)
        with pytest.raises(InputError, match=r"b\.npz"):
            read_arrays(tmp_path / "b.npz")


def test_compressed_tensors_are_unpacked_not_mapped(tmp_path):
    saved(tmp_path / "a.pt")
    with (
        zipfile.ZipFile(tmp_path / "a.pt") as old,
        zipfile.ZipFile(tmp_path / "b.pt", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            new.writestr(member.filename, old.read(member))
    assert torch.equal(read_saved(tmp_path / "b.pt")["values"], VALUES)


def test_pickled_code_is_refused(tmp_path):
    torch.save({"values": VALUES, "evil": os.system}, tmp_path / "a.pt")
    with pytest.raises(InputError, match=r"a\.pt"):
        read_saved(tmp_path / "a.pt")


def test_what_is_in_a_pickle_beside_tensors_is_named(tmp_path):
    torch.save({"values": VALUES, "evil": os.system}, tmp_path / "a.pt")
    with pytest.raises(InputError, match=r"a\.pt: got posix\.system in it.*save the state dict alone"):
        read_saved(tmp_path / "a.pt")


def test_a_tensor_that_is_no_plain_table_is_told_by_a_word():
    assert oddity(VALUES) is None and oddity(VALUES.T) is None and oddity(VALUES[:, 1:]) is None
    assert oddity(VALUES[:1].expand(3, 3)).startswith("expanded") and oddity(VALUES[:1].expand(1, 3)) is None
    assert oddity(VALUES.to_sparse()) == "sparse" and oddity(VALUES + 1j) == "complex"


def test_finite_numbers_may_be_too_large_for_a_dtype():
    large = torch.tensor([1.0, 1e5])
    assert is_finite(large) and not is_finite(large, torch.float16) and is_finite(large, torch.bfloat16)
    assert not is_finite(large / 0)


def test_json_of_a_windows_editor_is_read(tmp_path):
    (tmp_path / "a.json").write_text('{"RepetitionTime": 2}', encoding="utf-8-sig")
    assert read_json(tmp_path / "a.json") == {"RepetitionTime": 2}


def test_arrays_that_nobody_asks_for_may_be_of_any_kind(tmp_path):
    np.savez(tmp_path / "a.npz", fmri=np.ones(3), names=np.array(["a", None], object))
    assert array_names(tmp_path / "a.npz") == ["fmri", "names"]
    assert read_arrays(tmp_path / "a.npz", ["fmri"])["fmri"].sum() == 3

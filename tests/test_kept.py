"""Files of the cache that are damaged are made again, and of two that are damaged together the work begins anew."""

import errno
import json
import warnings

import numpy as np
import pytest
import torch

from neuroclips.errors import InputError, TooLargeError
from neuroclips.files import save_array
from neuroclips.kept import kept_file
from neuroclips.reading import read_array
from neuroclips.simulation import simulate
from neuroclips.simulation.features import Features
from neuroclips.train.targets import latents, targets
from tests.data.builders import DAMAGES


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_made_again_with_a_warning(tmp_path, damage):
    path = tmp_path / "kept.npy"

    def kept():
        return kept_file(path, lambda: save_array(path, np.arange(9)), read_array).tolist()

    assert kept() == list(range(9))
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    with pytest.warns(UserWarning, match=r"kept\.npy: got .*; it is made anew"):
        assert kept() == list(range(9))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert kept() == list(range(9))


def test_what_is_no_damage_is_told(tmp_path, monkeypatch):
    (tmp_path / "folder.npy").mkdir()
    with pytest.raises(InputError, match="got a folder"):
        kept_file(tmp_path / "folder.npy", lambda: None, read_array)
    save_array(tmp_path / "large.npy", np.zeros(1000))
    monkeypatch.setattr("psutil.virtual_memory", lambda: type("Memory", (), {"available": 100})())
    with pytest.raises(TooLargeError):
        kept_file(tmp_path / "large.npy", lambda: None, read_array)


def few_features(kind, film):
    return Features(np.full((4, 2), 3.0), np.zeros((4, 3)), np.ones((4, 5)))


def encoded():
    return targets.encoded("few_targets_key", 40, lambda: lambda rows: torch.arange(40.0)[rows.start : rows.stop, None])


KEPT = {  # what asks for a file, and where it lies
    "features": (lambda: simulate.features("train", 0).energy, "features/train00.npz"),
    "tensors": (lambda: latents.kept("few", lambda: torch.arange(5.0)), "web/few.pt"),
    "targets": (encoded, "targets/few_targets_key.npy"),
}


@pytest.mark.parametrize("name", KEPT)
@pytest.mark.parametrize("damage", DAMAGES)
def test_every_kind_of_kept_file_is_made_again(cache, monkeypatch, name, damage):
    monkeypatch.setattr(simulate, "film_features", few_features)  # a whole film takes half a minute
    ask, place = KEPT[name]
    before, (path,) = np.array(ask()), cache.glob(f"*/{place}")
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    with pytest.warns(UserWarning, match="it is made anew"):
        assert np.array_equal(np.array(ask()), before)


@pytest.mark.parametrize("mark", ["", "{", '"a"', "null", "[16]"])
def test_encoding_begins_anew_where_its_mark_is_damaged(cache, mark):
    whole = np.array(encoded())
    (path,) = cache.glob("*/targets/few_targets_key.npy")
    path.rename(path.with_suffix(".part.npy"))
    path.with_suffix(".part.json").write_text(mark)
    assert np.array_equal(encoded(), whole)


def test_encoding_begins_anew_where_its_part_is_damaged_and_goes_on_where_it_is_whole(cache):
    whole = np.array(encoded())
    (path,) = cache.glob("*/targets/few_targets_key.npy")
    part, mark = path.with_suffix(".part.npy"), path.with_suffix(".part.json")
    path.unlink()
    part.write_bytes(b"")
    mark.write_text(json.dumps(16))
    assert np.array_equal(encoded(), whole)
    path.unlink()
    save_array(part, np.full((40, 1), 7, np.float16))
    mark.write_text(json.dumps(16))
    assert np.array_equal(encoded()[:, 0], [*[7] * 16, *range(16, 40)])


def test_a_good_file_that_cannot_be_read_just_now_is_never_made_again(tmp_path, monkeypatch):
    path = tmp_path / "kept.npy"
    save_array(path, np.arange(9))

    def busy(*_):
        raise OSError(errno.EMFILE, "too many open files")

    monkeypatch.setattr(np.lib.format, "open_memmap", busy)
    with pytest.raises(OSError, match="too many open files"):
        kept_file(path, lambda: pytest.fail("made anew"), read_array)

"""A summary of a precomputed clip that is damaged is named, made again by precompute, and left out by the app."""

import json
import shutil

import pytest

from neuroclips import evaluation, precomputed
from neuroclips.errors import InputError
from neuroclips.ui import decode
from tests.data.builders import DAMAGES

BROKEN = {
    **DAMAGES,
    "no object": lambda whole: b"[]",
    "nothing in it": lambda whole: b"{}",
    "no scores": lambda whole: json.dumps(json.loads(whole) | {"scores": 3}).encode(),
    "other scores": lambda whole: json.dumps(json.loads(whole) | {"scores": {"video": {}}}).encode(),
}


@pytest.fixture
def summary(tmp_path, monkeypatch):
    """The summary of the first clip, in a folder of its own."""
    home = precomputed.folder(1, 0)
    shutil.copytree(home, tmp_path / "subject1" / home.name)
    monkeypatch.setattr(precomputed, "FOLDER", tmp_path)
    return tmp_path / "subject1" / home.name / "reconstruction.json"


@pytest.mark.parametrize("damage", BROKEN)
def test_a_damaged_summary_is_named(summary, damage):
    assert evaluation._is_made(1, 0) and not evaluation._is_made(1, 1)
    assert "**precomputed**" in decode.show(1, 0)[3]
    summary.write_bytes(BROKEN[damage](summary.read_bytes()))
    for read in (lambda: precomputed.load(1, 0), lambda: precomputed.load_all(1), lambda: evaluation.evaluate(1)):
        with pytest.raises(InputError, match=r"reconstruction\.json: got") as caught:
            read()
        assert "\n" not in str(caught.value)
    with pytest.warns(UserWarning, match="it is made anew"):
        assert not evaluation._is_made(1, 0)
    with pytest.warns(UserWarning, match=r"reconstruction\.json"):
        assert "what was precomputed does not read, press Reconstruct" in decode.show(1, 0)[3]

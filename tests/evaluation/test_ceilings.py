"""Oracle films are made once, with the settings of today."""

import json

import pytest
import torch

from neuroclips import ceiling
from neuroclips.errors import InputError
from neuroclips.evaluation import ceilings
from neuroclips.media import read_video


def test_oracle_films_are_files_that_are_kept(tmp_path):
    files = ceilings.write([7], tmp_path / "oracle")
    assert files == {7: tmp_path / "oracle" / "007.mp4"}
    film, made = read_video(files[7]), ceiling.oracle(7)
    assert film.shape == made.shape and (film - made).abs().mean() < 0.03  # H.264
    files[7].write_bytes(b"kept")
    assert ceilings.write([7], tmp_path / "oracle") == files and files[7].read_bytes() == b"kept"


def test_films_of_other_settings_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(ceiling, "oracle", lambda clip: torch.rand(4, 3, 16, 16))
    ceilings.write([1, 2], tmp_path)
    made = json.loads((tmp_path / "made.json").read_text(encoding="utf-8"))
    (tmp_path / "made.json").write_text(json.dumps(made | {"theta": 0.9}), encoding="utf-8")
    with pytest.raises(InputError, match="got oracle films made with other theta than now"):
        ceilings.write([3], tmp_path)

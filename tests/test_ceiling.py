"""Ceilings: what is shipped is what the truth gives now, above what is decoded; making goes on where it was."""

from dataclasses import asdict, astuple, replace
from statistics import fmean

import pytest
from typer.testing import CliRunner

from neuroclips import ceiling, precomputed
from neuroclips.cli import app
from neuroclips.errors import InputError
from neuroclips.files import rounded
from neuroclips.metrics.scores import Scores
from neuroclips.zoo import zoo_named

CLIP = 7


def test_shipped_ceilings_are_of_this_version_and_above_what_is_decoded():
    """In the mean of all clips and of each score but smoothness, which is not better when it is greater."""
    made, rows = precomputed.ceiling_table()
    assert made == ceiling.made_with() and list(rows) == list(range(300)) and precomputed.ceilings() == rows
    for name in ("ssim", "psnr", "frame_2_way", "video_2_way"):
        most = fmean(getattr(scores, name) for scores in rows.values())
        for subject in (1, 2, 3):
            films = precomputed.load_all(subject)
            assert most > fmean(film["scores"]["video"][name] for film in films)
            assert most > fmean(film["scores"]["flat_colour"][name] for film in films)


def test_a_shipped_ceiling_is_what_the_truth_gives():
    """Elsewhere than where it was made within rounding, which moves a film by less than a grey value."""
    now, stored = (astuple(scores) for scores in (ceiling.ceiling(CLIP), precomputed.ceilings()[CLIP]))
    assert now == pytest.approx(stored, abs=0.05)


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder of our own in the place of the shipped one, and films that are not made."""
    monkeypatch.setattr(precomputed, "FOLDER", tmp_path)
    monkeypatch.setattr(ceiling, "ceiling", lambda clip: Scores(clip / 3, float("inf"), 0.5, 0.5, 1.0))
    return tmp_path


def test_making_goes_on_where_it_was(elsewhere, monkeypatch):
    assert precomputed.ceilings() == {}
    path = ceiling.precompute((4, 1))
    first = ceiling.ceiling(1)
    monkeypatch.setattr(ceiling, "ceiling", lambda clip: Scores(0.0, 0.0, 0.0, 0.0, float(clip)))
    ceiling.precompute(range(1, 3))
    assert list(precomputed.ceilings()) == [1, 2, 4] and path.parent == elsewhere
    assert asdict(precomputed.ceilings()[1]) == rounded(asdict(first)) and precomputed.ceilings()[2].clip_pcc == 2
    other = replace(zoo_named(), settings=replace(zoo_named().settings, theta=0.1))
    monkeypatch.setattr(ceiling, "zoo_named", lambda: other)
    with pytest.raises(InputError, match="ceilings made with other theta than now"):
        ceiling.precompute((3,))


@pytest.mark.parametrize("text", ["[]", "{", '{"made": {}}', '{"made": {}, "ceilings": [{"clip": 1, "ssim": 1}]}'])
def test_a_damaged_table_is_named(elsewhere, text):
    (elsewhere / precomputed.CEILINGS).write_text(text)
    with pytest.raises(InputError, match=r"ceilings\.json: got"):
        precomputed.ceilings()


def test_ceilings_belong_to_no_subject(elsewhere):
    told = CliRunner().invoke(app, ["precompute", "--ceilings", "--subject", "1"])
    assert told.exit_code == 2 and "got --subject, which has an effect only without --ceilings" in told.stderr
    told = CliRunner().invoke(app, ["precompute", "--ceilings", "--clips", "3:5"])
    assert told.exit_code == 0 and list(precomputed.ceilings()) == [3, 4]

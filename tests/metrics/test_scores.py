"""Scores as types: one table of what they mean, records that come back the same, means that are means."""

import json
import subprocess
import sys
from dataclasses import asdict, fields

import pytest

from neuroclips.metrics.scores import ABOUT, ScoredBeside, Scores, mean, read

VIDEO, FLAT = Scores(0.25, 15.5, 0.875, 0.75, 0.96), Scores(0.5, 14.0, 0.5, 0.25, 1.0)
SCORED = ScoredBeside(VIDEO, FLAT)


def test_the_table_says_what_every_score_is():
    assert list(ABOUT) == [f.name for f in fields(Scores)]
    assert {name for name, about in ABOUT.items() if about.chance == 0.5} == {"frame_2_way", "video_2_way"}
    assert ABOUT["psnr"].title == "PSNR [dB]" and all(about.higher_is_better for about in ABOUT.values())
    for name, about in ABOUT.items():
        assert about.meaning.endswith(".") and "\n" not in about.meaning and about.ceiling
        assert bool(about.floor) == (name != "clip_pcc")  # a flat frame is as smooth as can be
        if about.low is not None:
            assert about.low < about.high and about.low <= (about.chance or 0) < about.high


def test_a_record_comes_back_the_same():
    stored = json.loads(json.dumps(asdict(SCORED)))
    assert stored["flat_colour"]["video_2_way"] == 0.25 and read(stored) == SCORED
    assert read(json.loads("null")) is None


def test_rows_pair_each_score_with_its_floor():
    assert [(about.label, value, flat) for about, value, flat in SCORED.rows()][:3] == [
        ("SSIM", 0.25, 0.5),
        ("PSNR", 15.5, 14.0),
        ("frame 2-way", 0.875, 0.5),
    ]


@pytest.mark.parametrize(
    ("stored", "complaint"),
    [
        ({}, "got scores of nothing, expected video, flat_colour"),
        ({"video": asdict(VIDEO), "flat colour": asdict(FLAT)}, "got scores of video, flat colour, expected video"),
        ({"video": asdict(VIDEO), "flat_colour": {"ssim": 1}}, "got scores of flat_colour: ssim, expected ssim, psnr"),
    ],
)
def test_a_record_of_other_scores_is_refused(stored, complaint):
    with pytest.raises(ValueError, match=complaint):
        read(stored)


def test_the_mean_is_taken_score_by_score_and_side_by_side():
    other = ScoredBeside(Scores(0.75, 16.5, 0.125, 0.25, 0.98), FLAT)
    assert mean([SCORED, other]) == ScoredBeside(Scores(0.5, 16.0, 0.5, 0.5, 0.97), FLAT)


def test_scores_load_no_model_library():
    code = (
        "import sys, neuroclips.metrics.scores; print([m for m in ('torch', 'numpy', 'skimage') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"

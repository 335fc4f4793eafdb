"""Frames judged by two judges: where films are the truth both are sure, and the difference is that of the means."""

import pytest

from neuroclips import precomputed
from neuroclips.evaluation import judged_again
from neuroclips.media import write_video
from neuroclips.types import Step
from neuroclips.zoo import ZOOS


def test_both_judges_know_true_films(tmp_path, data):
    files = {clip: write_video(tmp_path / f"{clip}.mp4", data.stimulus(clip, 16), 8) for clip in (4, 40, 80, 120)}
    found = judged_again.measure(files)
    assert "frame_2_way" in found and set(found["frame_2_way"]) == {*judged_again.JUDGES, "difference"}
    assert all(scores[name]["value"] > 0.9 for scores in found.values() for name in judged_again.JUDGES)


def test_of_shipped_films_judges_differ_by_less_than_from_chance():
    clips = range(5, 300, 50)
    found = judged_again.measure({clip: precomputed.files(1, clip)[Step.VIDEO] for clip in clips})["frame_2_way"]
    shared, own, apart = (found[name]["value"] for name in (*judged_again.JUDGES, "difference"))
    assert apart == pytest.approx(shared - own) and abs(apart) < min(shared, own) - 0.5


def test_of_a_zoo_whose_judge_saw_none_of_our_films_there_is_nothing_to_tell():
    assert judged_again.measure({}, zoo=ZOOS["paper"]) == {}

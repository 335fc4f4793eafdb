"""What stands beside the scores of shipped films, with what is missing told and left out."""

import numpy as np

from neuroclips import precomputed
from neuroclips.evaluation import beyond, spurious
from neuroclips.evaluation.middles import Middles
from neuroclips.evaluation.tokens import Tokens
from neuroclips.types import Step


def test_without_showings_all_but_repeats_is_told(monkeypatch, tmp_path, capsys):
    """Frames of all films take minutes: random numbers stand for what is seen in them."""
    unit = np.eye(8)[np.random.default_rng(0).integers(8, size=1200)]
    seen = Middles(unit, np.zeros((1200, 32), np.uint8), np.zeros((5, 2, 2)))
    monkeypatch.setattr(spurious, "middles", lambda kind: seen)
    tokens = Tokens(*np.random.default_rng(0).normal(size=(2, 20, 6)), np.zeros(20), np.arange(20) // 5)
    monkeypatch.setattr(spurious, "tokens_of", lambda *of: tokens)
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path))
    clips = (3, 33, 63)
    films = {clip: precomputed.files(1, clip)[Step.VIDEO] for clip in clips}
    made = {"weights": {}, "settings": {}, "reconstructors": {"1": {}}}
    scores = {"ssim": np.array([0.2, 0.4, 0.3])}
    found = beyond.of_subject(1, films, scores, made, tmp_path)
    assert set(found) == {"words", "spurious", "judges"} and found["spurious"]["nearest"]["clips"] == list(clips)
    assert "by distance" not in found["spurious"]["nearest"]  # of three clips
    assert found["spurious"]["dimension"]["n"] == 20 and "simulate --subjects 1" in capsys.readouterr().err
    monkeypatch.setattr(beyond.words, "measure", None)  # what took minutes is not measured again
    assert beyond.of_subject(1, films, scores, made, tmp_path)["words"] == found["words"]

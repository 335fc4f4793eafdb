"""Jobs of the zoo on a handful of web films."""

import pytest
import torch

from neuroclips.train.demo_zoo import captioner as zoo_captioner
from neuroclips.train.demo_zoo import clip as zoo_clip
from neuroclips.train.demo_zoo import codec as zoo_codec
from neuroclips.train.demo_zoo import decoded_keyframes
from neuroclips.train.demo_zoo import git as zoo_git
from neuroclips.train.demo_zoo import judges as zoo_judges
from neuroclips.train.demo_zoo import keyframes as zoo_keyframes
from neuroclips.train.demo_zoo import video as zoo_video


@pytest.fixture
def few(monkeypatch, tmp_path):
    """Jobs of the zoo on a handful of web films, in a cache of their own."""
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path / "cache"))
    for module in (zoo_codec, zoo_clip, zoo_git, zoo_keyframes, zoo_captioner, zoo_judges):
        monkeypatch.setattr(module, "N_SHOTS", 8)
    monkeypatch.setattr(zoo_captioner, "N_MADE", 8)
    films = {"tokens": torch.randn(6, 2, 16, 128), "first": torch.randn(6, 8, 16, 16), "clips": torch.arange(6)}
    monkeypatch.setattr(decoded_keyframes, "decoded_films", lambda zoo: films)  # three brains take minutes
    monkeypatch.setattr(decoded_keyframes, "first_latents", lambda zoo, clips: torch.randn(len(clips), 8, 16, 16))
    for module in (zoo_video, zoo_judges):
        monkeypatch.setattr(module, "N_CLIPS", 4)

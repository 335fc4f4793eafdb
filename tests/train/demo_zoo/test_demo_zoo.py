"""What the models of the demo zoo learn from: web films and keyframes as decoding gives them, made once."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from neuroclips.film_size import film_pixels
from neuroclips.train.demo_zoo import captioner as zoo_captioner
from neuroclips.train.demo_zoo import clip as zoo_clip
from neuroclips.train.demo_zoo import codec as zoo_codec
from neuroclips.train.demo_zoo import decoded
from neuroclips.train.demo_zoo import git as zoo_git
from neuroclips.train.demo_zoo import judges as zoo_judges
from neuroclips.train.demo_zoo import keyframes as zoo_keyframes
from neuroclips.train.demo_zoo import video as zoo_video
from neuroclips.train.demo_zoo.decoded_keyframes import DecodedKeyframeJob
from neuroclips.train.demo_zoo.keyframes import as_decoded
from neuroclips.train.demo_zoo.scores import accuracy, class_of
from neuroclips.train.names import STAGES
from neuroclips.train.targets import pairs
from neuroclips.web import films as webdata
from neuroclips.zoo import zoo_named

ZOO = zoo_named()


def test_held_out_films_are_not_learnt_from():
    """Every stage draws web shots below HELD_OUT, and web films come from another seed space than the dataset's."""
    jobs = [zoo_codec.CodecJob, zoo_clip.ClipJob, zoo_keyframes.KeyframeJob, zoo_captioner.CaptionerJob]
    jobs += [DecodedKeyframeJob, zoo_git.GitJob, zoo_video.VideoJob]
    jobs += [zoo_judges.FrameJudgeJob, zoo_judges.OwnFrameJudgeJob, zoo_judges.VideoJudgeJob]
    assert len(jobs) == sum(name.startswith("zoo-") for name in STAGES)
    assert all(sum(job.web_shots) <= webdata.HELD_OUT for job in jobs) and pairs.N_WEB <= webdata.HELD_OUT
    own = range(zoo_judges.FIRST_OWN, zoo_judges.FIRST_OWN + zoo_judges.N_SHOTS)
    others = [job for job in jobs if job is not zoo_judges.OwnFrameJudgeJob]
    assert all(sum(job.web_shots) <= own[0] for job in others) and pairs.N_WEB <= own[0] < own[-1] < webdata.HELD_OUT


def test_processes_that_train_together_render_web_films_once(tmp_path):
    """As both do when they validate on films that are not there yet."""
    ask = "from neuroclips.web.films import load; print(load(40, 2)[0].astype(int).sum())"
    start = [sys.executable, "-c", ask]
    both = [
        subprocess.Popen(start, env={**os.environ, "NEUROCLIPS_CACHE": str(tmp_path)}, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0] and said[0] == said[1] != b""
    assert [path.name for path in tmp_path.rglob("*web*.npy")] == ["web_0_40x2.npy"]


def test_tokens_are_degraded_as_a_decoder_would():
    """What explains a share of the variance has that share of it, and correlates with the truth by its root."""
    generator = torch.Generator().manual_seed(0)
    tokens, mean = torch.randn(400, 16, 32, generator=generator) + 3, torch.full((16, 32), 3.0)
    for share in (0.3, 0.7, 1.0):
        unsure = as_decoded(tokens, mean, torch.full((400,), share), generator)
        pair = torch.stack([unsure.flatten(), tokens.flatten()])
        assert torch.corrcoef(pair)[0, 1].item() == pytest.approx(share**0.5, abs=0.02)
        assert torch.cov(pair)[0, 0].item() == pytest.approx(share, abs=0.03)


MAKE = """
import sys, time
from pathlib import Path
from neuroclips.kept import kept_file

def make():
    with log.open("a") as file:
        file.write("made\\n")
    time.sleep(0.5)
    path.write_text("whole")

path, log = Path(sys.argv[1]), Path(sys.argv[2])
print(kept_file(path, make, Path.read_text))
"""


def test_what_processes_ask_for_together_is_made_once(tmp_path):
    start = [sys.executable, "-c", MAKE, tmp_path / "asked_for", tmp_path / "log"]
    both = [subprocess.Popen(start, stdout=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate()[0] for process in both] == [b"whole\n"] * 2
    assert (tmp_path / "log").read_text() == "made\n"


def test_keyframes_as_decoded_are_made_once_and_show_the_object(few, judges, monkeypatch):
    """Of tokens that are unsure and a blurry frame: most, not all, show the right class (chance 2.4 %)."""
    made = decoded.web_keyframes(40, webdata.HELD_OUT, ZOO)
    right = accuracy(judges.frame(webdata.to_pixels(made)), class_of(webdata.web_shots(webdata.HELD_OUT, 40)))
    assert made.shape == (40, 3, film_pixels(), film_pixels()) and made.dtype == np.uint8 and 0.5 < right < 1
    monkeypatch.setattr(decoded, "_keyframes", None)  # may not be called again
    assert np.array_equal(decoded.web_keyframes(40, webdata.HELD_OUT, ZOO), made)

"""What is shown of validation films while a stage is trained."""

import json

import pytest
import torch

from neuroclips.data.training import ArraysTraining
from neuroclips.errors import InputError
from neuroclips.media import read_video
from neuroclips.train.reconstructors.samples import shown
from tests.train.small import train

VALIDATION = range(240, 480)  # the second of two training films


@pytest.fixture
def asked(monkeypatch):
    """Clips whose frames were asked for."""
    clips, frames = set(), ArraysTraining.frames
    monkeypatch.setattr(ArraysTraining, "frames", lambda self, clip: clips.add(clip) or frames(self, clip))
    return clips


def samples_of(few, stage, out, **more):
    train(few, stage, out=out, samples=True, **more)
    folder = few / "runs" / f"{stage}-{out.replace('/', '-')}" / "samples"
    return folder, json.loads((folder / "samples.json").read_text())


def test_ranks_are_those_among_all_validation_clips(few, asked):
    train(few, "semantic", out="asked", recipe={"steps": 60})
    asked.clear()  # the targets are those of all clips
    folder, told = samples_of(few, "semantic", "shown/semantic", recipe={"steps": 60})
    assert asked and asked <= set(VALIDATION)  # no training clip, and test clips are not even known
    assert (told["step"], told["kind"], told["n"]) == (60, "ranks", 240)
    assert told["chance"]["retrieval"] == 1 / 240 and abs(told["chance"]["cosine"]) < 0.1
    assert [s["clip"] for s in told["samples"]] == [VALIDATION[i] for i in shown(240)]
    for sample in told["samples"]:
        assert 1 <= sample["rank"] < 120  # better than half by far: the voxels hold the tokens
        assert (sample["clip"] in sample["nearest clips"]) == (sample["rank"] <= 3)
        assert all((folder / name).stat().st_size for name in (sample["truth"], *sample["nearest"]))


def test_the_prior_shows_ranks_too(few, semantic):
    folder, told = samples_of(few, "prior", "subject1/prior", changes={"network.depth": 1})
    assert told["kind"] == "ranks" and told["n"] == 120 and told["step"] == 30
    assert {s["clip"] for s in told["samples"]} <= set(VALIDATION)


def test_blurry_videos_lie_beside_the_truth(few, asked):
    folder, told = samples_of(few, "perception", "shown/perception", recipe={"steps": 2, "validate_every": 1})
    assert (told["step"], told["kind"]) == (2, "films") and -1 < told["chance"]["pixel correlation"] < 0.6
    for sample in told["samples"]:
        assert sample["clip"] in VALIDATION
        film, true = (read_video(folder / sample[name]) for name in ("film", "truth"))
        assert film.shape == true.shape and len(film) == 6
        assert (true - ArraysTraining(few / "data").frames(sample["clip"])).abs().mean() < 0.05
    assert {path.name for path in folder.glob("film-*-1.mp4")}  # those of the step before stay


def test_samples_change_nothing_about_the_weights(few):
    made = [train(few, "semantic", out=f"same-{samples}", samples=samples)["out"] for samples in (False, True)]
    one, two = (torch.load(few / "runs" / f"semantic-same-{s}" / "last.pt")["modules"] for s in (False, True))
    assert made and all(torch.equal(one[name], two[name]) for name in one)


def test_a_stage_that_shows_nothing_refuses_to(few):
    with pytest.raises(InputError, match="got --samples, which stage linear does not use"):
        train(few, "linear", samples=True)

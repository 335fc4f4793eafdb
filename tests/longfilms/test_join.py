"""How films run into each other, and the command: films as long as the truth beside them, and a timeline."""

import json
from dataclasses import replace

import pytest
import torch
from typer.testing import CliRunner

from neuroclips.cli import app
from neuroclips.errors import MissingError
from neuroclips.fetched import expect_models
from neuroclips.guides import Guides
from neuroclips.longfilms import make
from neuroclips.longfilms.join import Joining, joined, led
from neuroclips.longfilms.make import Maker
from neuroclips.media import read_video
from neuroclips.pretrained.video import interpolate_frames
from neuroclips.types import FmriSample, Request, Settings
from neuroclips.zoo import zoo_named

FEW = ("--set", "keyframe_draws=1", "--set", "prior_samples=1", "--set", "keyframe_steps=2", "--video-steps", "2")


def guides(clip, generator):
    sample, pixels = FmriSample(torch.zeros(3), 1, clip), torch.rand(6, 3, 8, 8, generator=generator)
    return Guides(sample, Settings(), pixels, torch.rand(3, 8, 8, generator=generator), "a", None, (), {}, {})


def test_a_joint_frame_is_shown_once():
    """Three films of 16 frames are one of 46; without neighbours a film is whole."""
    films = [torch.full((16, 3, 2, 2), float(i)) for i in range(3)]
    for join, shown in (("tail", [15, 15, 16]), ("head", [16, 15, 15]), ("both", [16, 15, 15])):
        how = Joining(join=join)
        whole = joined(films, how.kept(3, 16))
        assert len(whole) == 46 and [int((whole[:, 0, 0, 0] == i).sum()) for i in range(3)] == shown
        assert how.kept(1, 16) == [slice(0, 16)]
    first, last = Joining(join="head").kept(2, 16), Joining(join="tail").kept(2, 16)
    assert first[1].start == 1 and last[0].stop == 15


def test_each_join_conditions_what_it_says(generator):
    one, other = guides(1, generator), guides(2, generator)
    former = torch.rand(16, 3, 8, 8, generator=generator)
    tail, head = Joining(join="tail"), Joining(join="head", lead=0)
    assert torch.equal(tail.guided(one, None, other).tail, other.keyframe) and tail.guided(other, former, None) is other
    begun = head.guided(other, former, None)
    assert torch.equal(begun.keyframe, former[-1]) and torch.equal(begun.blurry_video, other.blurry_video)
    assert head.guided(one, None, other) is one and begun.tail is None and begun.caption == other.caption


def test_the_blurry_video_takes_over_from_the_last_frame(generator):
    one = guides(1, generator)
    former = torch.rand(16, 3, 8, 8, generator=generator)
    found, slow = led(one.blurry_video, former, 4), interpolate_frames(one.blurry_video, 16)
    assert torch.allclose(found[0], former[-1]) and torch.equal(found[4:], slow[4:])
    assert torch.allclose(found[1], 0.75 * former[-1] + 0.25 * slow[1])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Three neighbours of film test1, which the fusion classifier takes for one class or not as it likes."""
    out = tmp_path_factory.mktemp("fused")
    done = CliRunner().invoke(app, ["reconstruct", "--clips", "12-14", "--fuse", *FEW, "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    return out, json.loads(done.stdout)


def test_films_are_as_long_as_the_truth_and_the_timeline_says_so(made):
    out, table = made
    assert json.loads((out / "films" / "timeline.json").read_text(encoding="utf-8")) == table
    assert [part["clip"] for film in table["films"] for part in film["clips"]] == [12, 13, 14]
    for film in table["films"]:
        n = 16 * len(film["clips"]) - (len(film["clips"]) - 1)
        assert film["seconds"] == n / 8 and sum(part["frames"] for part in film["clips"]) == n
        assert len(read_video(out / "films" / film["film"])) == n
        assert len(read_video(out / "films" / film["ground_truth"])) == n
    assert [(b["former"], b["later"]) for b in table["boundaries"]] == [(12, 13), (13, 14)]
    for bound in table["boundaries"]:
        assert (bound["decision"] == "same class") == (bound["probability"] > 0.5) == bound["joined"]
        assert set(bound["truth"]) == {"cut", "classes", "same class"}
    for film in table["films"]:
        clips = [part["clip"] for part in film["clips"]]
        for clip in clips:
            record = json.loads((out / f"{clip:04d}" / "reconstruction.json").read_text(encoding="utf-8"))
            assert record["clip"] == clip and (out / f"{clip:04d}" / "video.mp4").exists()
            assert record.get("joined", {"clips": [clip]})["clips"] == clips


def fused(pipeline, data, monkeypatch, batch_size=2, n=3, longest=3):
    """Clips 12 on, of which every pair counts as of one class."""
    monkeypatch.setattr(make, "same_class", lambda keyframes, *models: [0.9] * (len(keyframes) - 1))
    few = Settings(keyframe_draws=1, prior_samples=1, keyframe_steps=2, video_steps=2)
    samples = [data.sample(1, clip) for clip in range(12, 12 + n)]
    return samples, few, list(Maker(pipeline, few, Joining(longest, "both"), data.info.follows, batch_size)(samples))


def test_a_joined_film_begins_where_the_former_ends(pipeline, data, monkeypatch):
    """And the film that nothing comes before or after is that of an ordinary reconstruction."""
    samples, few, (film,) = fused(pipeline, data, monkeypatch)
    assert [b.joined for b in film.boundaries] == [True, True] and len(film.parts) == 3
    plain = pipeline(samples, few)
    for i in (1, 2):
        gap, was = ((x[i].video[1] - x[i - 1].video[-1]).abs().mean() for x in (film.parts, plain))
        assert gap < was
    assert all(torch.equal(a.keyframe, b.keyframe) for a, b in zip(film.parts, plain, strict=True))
    (alone,) = Maker(pipeline, few, Joining(), data.info.follows)(samples[:1])
    assert torch.equal(alone.parts[0].video, plain[0].video)


def test_films_do_not_depend_on_the_batch(pipeline, data, monkeypatch):
    """Three clips are two films, whichever of them are decoded together."""
    made = {size: fused(pipeline, data, monkeypatch, size, longest=2)[2] for size in (1, 3)}
    assert [[s.clip for s in film.samples] for film in made[1]] == [[12, 13], [14]]
    assert [film.boundaries for film in made[1]] == [film.boundaries for film in made[3]]
    for one, other in zip(made[1], made[3], strict=True):
        assert all((a.video - b.video).abs().max() < 2 / 255 for a, b in zip(one.parts, other.parts, strict=True))


def test_the_truth_never_reaches_the_decision(data, monkeypatch, made, tmp_path):
    """A dataset without films and scripts: the same decisions, the same films, and no truth beside them."""
    monkeypatch.setattr(data, "info", replace(data.info, has_stimuli=False, scripted=()))
    monkeypatch.setattr(data, "stimulus", None)
    words = ["reconstruct", "--clips", "12-14", "--fuse", *FEW, "--out", str(tmp_path), "--json"]
    blind, (_, table) = json.loads(CliRunner().invoke(app, words).stdout), made
    assert [b["truth"] for b in blind["boundaries"]] == [None, None]
    for name in ("probability", "joined", "why"):
        assert [b[name] for b in blind["boundaries"]] == [b[name] for b in table["boundaries"]]
    assert [film["frames_sha256"] for film in blind["films"]] == [film["frames_sha256"] for film in table["films"]]
    assert not list(tmp_path.rglob("*ground_truth*"))


def test_all_models_of_long_films_are_looked_for_at_the_start(monkeypatch, tmp_path):
    """The CLIP that compares keyframes is fetched and placed with the rest."""
    monkeypatch.setenv("NEUROCLIPS_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    request = Request(1, 0, zoo="paper")
    for fused in (False, True):
        with pytest.raises(MissingError) as told:
            expect_models(request, fused)
        assert (", clip," in str(told.value) or " no clip," in str(told.value)) == fused
    demo = zoo_named()
    assert set(demo.roles(fused=True)) == {*demo.roles(), "clip", "fusion"}
    assert demo.roles(fused=True).count("clip") == 1


@pytest.mark.parametrize("words", [["--no-beta"], ["--join", "glue"], ["--batch-size", "-3"], ["--subject", "9"]])
def test_films_that_are_there_stay_until_there_are_others(words, tmp_path):
    old = [tmp_path / "films" / name for name in ("timeline.json", "film_000.mp4")]
    for path in old:
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}", encoding="utf-8")
    done = CliRunner().invoke(app, ["reconstruct", "--clips", "1-2", "--fuse", "--out", str(tmp_path), *words])
    assert done.exit_code == 2 and all(path.exists() for path in old), done.output


def test_several_processes_do_not_make_the_same_long_films(monkeypatch, tmp_path):
    monkeypatch.setenv("WORLD_SIZE", "4")
    done = CliRunner().invoke(app, ["reconstruct", "--clips", "1-2", "--fuse", "--out", str(tmp_path)])
    assert done.exit_code == 2 and "got --fuse in 4 processes, expected one" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--fuse"], "got --fuse, which has an effect only with --clips"),
        (["--clips", "1-2", "--longest", "4"], "got --longest, which has an effect only with --fuse: add --fuse"),
        (["--clips", "1-2", "--fuse", "--longest", "0"], "got longest 0, expected 1 or more"),
        (["--clips", "1-2", "--fuse", "--join", "glue"], "expected one of: head, tail, both"),
        (["--clips", "1-2", "--fuse", "--no-beta"], "got films without keyframes to fuse"),
        (["--clips", "299-300", "--fuse"], "expected some of 0 to 299"),
    ],
)
def test_bad_input_is_one_line(arguments, says, tmp_path):
    done = CliRunner().invoke(app, ["reconstruct", "--out", str(tmp_path), *arguments])
    assert done.exit_code == 2 and says in done.stderr and len(done.stderr.strip().splitlines()) == 1

"""What the models of the demo zoo learn from: web films, and starts and keyframes as decoding gives them."""

import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from neuroclips.metrics.pixel import pixel_correlation
from neuroclips.pretrained.schedule import diffuse_from
from neuroclips.simulation.motion import box, pose
from neuroclips.train.demo_zoo import captioner as zoo_captioner
from neuroclips.train.demo_zoo import clip as zoo_clip
from neuroclips.train.demo_zoo import codec as zoo_codec
from neuroclips.train.demo_zoo import decoded, guided
from neuroclips.train.demo_zoo import git as zoo_git
from neuroclips.train.demo_zoo import judges as zoo_judges
from neuroclips.train.demo_zoo import keyframes as zoo_keyframes
from neuroclips.train.demo_zoo import video as zoo_video
from neuroclips.train.demo_zoo.keyframes import as_decoded, build_scheduler
from neuroclips.train.demo_zoo.scores import accuracy, class_of
from neuroclips.train.engine.recipe import Turn
from neuroclips.train.names import STAGES
from neuroclips.train.spec import Given
from neuroclips.train.stages import stage_named
from neuroclips.train.targets import pairs
from neuroclips.train.targets.latents import object_weights
from neuroclips.web import blurry
from neuroclips.web import films as webdata
from neuroclips.web.counterfactual import another_place
from neuroclips.zoo import load_part, zoo_named
from tests.conftest import DEMO

ZOO = zoo_named()


def test_held_out_films_are_not_learnt_from():
    """Every stage draws web shots below HELD_OUT, and web films come from another seed space than the dataset's."""
    jobs = [zoo_codec.CodecJob, zoo_clip.ClipJob, zoo_keyframes.KeyframeJob, zoo_captioner.CaptionerJob]
    jobs += [zoo_git.GitJob, zoo_video.VideoJob, zoo_judges.FrameJudgeJob, zoo_judges.VideoJudgeJob]
    assert len(jobs) == sum(name.startswith("zoo-") for name in STAGES)
    assert all(sum(job.web_shots) <= webdata.HELD_OUT for job in jobs) and pairs.N_WEB <= webdata.HELD_OUT


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


def test_a_made_up_blurry_video_holds_the_place_and_little_detail(web):
    """It is more like its own clip than like another, as a mean over films would be, and every draw is another one."""
    clips, _ = web
    rng = np.random.default_rng(0)
    made = np.stack([blurry.blurry_video_of(webdata.HELD_OUT + i, rng) for i in range(4)])
    made = webdata.to_pixels(made)  # (4, 6, 3, 96, 96)
    true = clips[:4, [0, 3, 5, 8, 11, 13]]
    own, other = (pixel_correlation(made.flatten(0, 1), x.flatten(0, 1)) for x in (true, true.roll(1, 0)))
    assert made.shape == true.shape and 0.5 < own < 0.98 and own > other + 0.1
    assert torch.diff(made, dim=-1).abs().mean() < 0.5 * torch.diff(true, dim=-1).abs().mean()
    assert not torch.equal(made[0], webdata.to_pixels(blurry.blurry_video_of(webdata.HELD_OUT, rng)))


def test_the_way_from_a_blurry_video_begins_as_equation_5_does_and_ends_at_the_film():
    generator, scheduler = torch.Generator().manual_seed(0), build_scheduler()
    clean, rough, noise = (torch.randn(1, 8, 16, 12, 12, generator=generator) for _ in range(3))
    begin, theta = torch.tensor([670]), ZOO.settings.theta
    left = guided.left_by_blurry(scheduler, clean, rough, noise, int(begin), theta)
    start = diffuse_from(scheduler, rough, begin, theta, noise)
    assert torch.allclose(scheduler.add_noise(clean, left, begin), start, atol=1e-4)
    assert torch.allclose(scheduler.add_noise(clean, left, torch.tensor([0])), clean, atol=0.2)
    scheduler.set_timesteps(scheduler.config.num_train_timesteps)
    knowing = scheduler.get_velocity(clean, left, begin)  # what a model would predict that knew the film
    later = scheduler.step(knowing, int(begin), start).prev_sample
    assert torch.allclose(scheduler.add_noise(clean, left, begin - 1), later, atol=1e-4)


def test_starts_from_a_blurry_video_are_drawn_around_the_shipped_one():
    scheduler, generator = build_scheduler(), torch.Generator().manual_seed(0)
    clean, rough = (torch.randn(64, 8, 2, 4, 4, generator=generator) for _ in range(2))
    drawn = [guided.noise_from_blurry(scheduler, clean, rough, generator, ZOO.settings.theta) for _ in range(20)]
    t = torch.cat([t for _, t in drawn]) / scheduler.config.num_train_timesteps
    assert guided.BEGINS[0] < ZOO.settings.video_start < guided.BEGINS[1]
    assert guided.BEGINS[0] / 3 - 0.01 < t.min() < 0.2 and 0.7 < t.max() < guided.BEGINS[1]
    one, other = (
        guided.noise_from_blurry(scheduler, clean, x, torch.Generator().manual_seed(1), ZOO.settings.theta)
        for x in (rough, clean)
    )
    assert torch.equal(one[1], other[1]) and (one[0] - other[0]).abs().mean() > 0.1


def test_another_place_is_another_place_of_the_same_object():
    shots, rng = webdata.web_shots(webdata.HELD_OUT, 40), np.random.default_rng(0)
    moved = [another_place(shot, rng) for shot in shots]
    middles = np.array([[sum(box(s, 1.0)[::2]) / 2 for s in x] for x in (shots, moved)])  # (2, n_shots)
    assert np.abs(middles[0] - middles[1]).mean() > 0.1
    assert [s.names for s in moved] == [s.names for s in shots]
    facing = [pose(a, 1.0).flip == pose(b, 1.0).flip for a, b in zip(shots, moved, strict=True)]
    assert 0.2 < np.mean(facing) < 0.8 and any(a.scene != b.scene for a, b in zip(shots, moved, strict=True))


def test_what_is_made_up_of_a_clip_is_encoded_once_and_shows_the_same_object(pipeline, judges, monkeypatch, tmp_path):
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path))
    made = guided.unsure(12, webdata.HELD_OUT, ZOO)
    assert made["blurry"].shape == (12, 2, 6, 8, 12, 12) and made["misplaced"].shape == (12, 2, 8, 12, 12)
    classes = class_of(webdata.web_shots(webdata.HELD_OUT, 12)).repeat_interleave(2)
    elsewhere = pipeline.codec.decode(made["misplaced"].flatten(0, 1))
    assert accuracy(judges.frame(elsewhere), classes) > 0.9
    frames = guided.made_up((webdata.HELD_OUT + 3, 1))
    assert torch.allclose(made["blurry"][3, 1], pipeline.codec.encode(webdata.to_pixels(frames[:6])), atol=1e-4)
    assert not torch.allclose(made["blurry"][3, 0], made["blurry"][3, 1], atol=0.1)
    monkeypatch.setattr(guided, "_unsure", None)  # may not be called again
    assert torch.equal(guided.unsure(12, webdata.HELD_OUT, ZOO)["blurry"], made["blurry"])


def test_object_weights_count_the_box_three_times():
    boxes = torch.tensor([[0.0, 0.0, 0.5, 1.0], [0.25, 0.5, 0.75, 1.0]])
    weights = object_weights(boxes, 4)
    assert torch.allclose(weights.mean((-2, -1)), torch.ones(2))
    assert torch.allclose(weights[0], torch.tensor([1.5, 1.5, 0.5, 0.5]).expand(4, 4))
    assert torch.allclose(weights[1] / weights[1].min(), torch.tensor([[1.0] * 4] * 2 + [[1.0, 3, 3, 1]] * 2))
    assert torch.equal(object_weights(boxes.view(1, 2, 4), 4)[0], weights)


MAKE = """
import sys, time
from pathlib import Path
from neuroclips.files import made_once

def make():
    with log.open("a") as file:
        file.write("made\\n")
    time.sleep(0.5)
    path.write_text("whole")

path, log = Path(sys.argv[1]), Path(sys.argv[2])
print(made_once(path, make).read_text())
"""


def test_what_processes_ask_for_together_is_made_once(tmp_path):
    start = [sys.executable, "-c", MAKE, tmp_path / "asked_for", tmp_path / "log"]
    both = [subprocess.Popen(start, stdout=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate()[0] for process in both] == [b"whole\n"] * 2
    assert (tmp_path / "log").read_text() == "made\n"


@pytest.fixture
def few(monkeypatch, tmp_path):
    """Jobs of the zoo on a handful of web films, in a cache of their own."""
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path / "cache"))
    for module in (zoo_codec, zoo_clip, zoo_git, zoo_keyframes, zoo_captioner, zoo_judges):
        monkeypatch.setattr(module, "N_SHOTS", 8)
    monkeypatch.setattr(zoo_captioner, "N_MADE", 8)
    for module in (zoo_video, zoo_judges):
        monkeypatch.setattr(module, "N_CLIPS", 4)


def test_keyframes_as_decoded_are_made_once_and_show_the_object(few, judges, monkeypatch):
    """Of tokens that are unsure and a blurry frame: most, not all, show the right class (chance 2.4 %)."""
    made = decoded.web_keyframes(40, webdata.HELD_OUT, ZOO)
    right = accuracy(judges.frame(webdata.to_pixels(made)), class_of(webdata.web_shots(webdata.HELD_OUT, 40)))
    assert made.shape == (40, 3, 96, 96) and made.dtype == np.uint8 and 0.5 < right < 1
    monkeypatch.setattr(decoded, "_keyframes", None)  # may not be called again
    assert np.array_equal(decoded.web_keyframes(40, webdata.HELD_OUT, ZOO), made)


def test_the_captioner_goes_on_from_trained_weights_and_learns_from_both(few, tmp_path):
    """Even steps are true frames, odd ones keyframes as decoded."""
    trained, fresh = (zoo_captioner.CaptionerJob(ZOO, tmp_path, start) for start in (DEMO / "captioner", None))
    trained.captioner.eval(), fresh.captioner.eval()
    before = [trained.loss(Turn(step, 8, seed=step)).item() for step in (0, 1)]
    assert max(before) < 0.5 < min(fresh.loss(Turn(step, 8, seed=step)).item() for step in (0, 1))
    trained.tensors["keyframes"] = torch.zeros_like(trained.tensors["keyframes"])
    after = [trained.loss(Turn(step, 8, seed=step)).item() for step in (0, 1)]
    assert after[0] == pytest.approx(before[0], abs=1e-4) and after[1] > before[1] + 0.5


def test_the_video_model_goes_on_from_trained_weights(few, tmp_path):
    """Step 0: any noise; 1: from a blurry video with a keyframe; 4: any noise with a keyframe; 5: without one."""
    trained, fresh = (zoo_video.VideoJob(ZOO, tmp_path, start) for start in (DEMO / "video", None))
    losses = {step: trained.loss(Turn(step, 4, seed=step)).item() for step in (0, 1, 4, 5)}
    assert all(loss < fresh.loss(Turn(step, 4, seed=step)).item() for step, loss in losses.items())
    trained.tensors["misplaced"] = torch.zeros_like(trained.tensors["misplaced"])
    changed = {step: trained.loss(Turn(step, 4, seed=step)).item() for step in losses}
    assert {step for step in losses if abs(changed[step] - losses[step]) > 1e-4} == {1}


STEPS = {  # of every stage, steps that go different ways
    "zoo-codec": (0,),
    "zoo-clip": (0,),
    "zoo-keyframes": range(6),
    "zoo-git": (0,),
    "zoo-video": (0, 1, 4, 5),
    "zoo-frame-judge": (0, 1, 2),
    "zoo-video-judge": (0, 1, 2),
}


@pytest.mark.parametrize("stage", STEPS)
def test_nothing_of_a_step_stays_behind_on_the_cpu(few, stage, tmp_path):
    """On the meta device there are no numbers, but a tensor of another device in the same operation is refused."""
    spec = stage_named(stage)
    job = spec.build(Given(ZOO, spec.preset("demo"), {0: tmp_path}))
    job.to("meta")
    for step in STEPS[stage]:
        loss = job.loss(Turn(step, 4, seed=step))
        assert loss.device.type == "meta" and loss.requires_grad


def test_a_codec_that_goes_on_looks_at_objects_where_it_trains(few, tmp_path):
    job = zoo_codec.CodecJob(tmp_path, DEMO / "codec")
    job.to("meta")
    assert job.loss(Turn(0, 4)).device.type == "meta"


def test_the_captioner_is_given_everything_where_it_trains(few, tmp_path, monkeypatch):
    """BLIP-2 looks into its masks, so it cannot run on the meta device; what reaches it is checked instead."""
    job = zoo_captioner.CaptionerJob(ZOO, tmp_path)
    job.to("meta")
    seen = []
    monkeypatch.setattr(job.captioner.model, "forward", lambda **given: seen.append(given) or SimpleNamespace(loss=0))
    for step in range(4):
        job.loss(Turn(step, 4, seed=step))
    assert {value.device.type for given in seen for value in given.values()} == {"meta"} and len(seen) == 4
    assert {given["pixel_values"].shape for given in seen} == {(4, 3, 64, 64)}


def test_the_video_judge_goes_on_from_trained_weights(few, tmp_path):
    job = zoo_judges.VideoJudgeJob(ZOO, tmp_path, DEMO / "video_judge")
    known, clips = load_part(ZOO, "video judge", "cpu"), webdata.to_pixels(webdata.web_clip(webdata.HELD_OUT))[None]
    assert torch.allclose(job.judge.eval()(clips), known(clips), atol=1e-4)
    assert job.loss(Turn(0, 4, seed=0)).requires_grad and not any(p.requires_grad for p in known.parameters())

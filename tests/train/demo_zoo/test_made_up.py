"""Blurry videos and other places of objects, made up of web films."""

import numpy as np
import torch

from neuroclips.film_size import film_pixels
from neuroclips.metrics.pixel import pixel_correlation
from neuroclips.pretrained.schedule import diffuse_from
from neuroclips.simulation.motion import box, pose
from neuroclips.train.demo_zoo import guided
from neuroclips.train.demo_zoo.keyframes import build_scheduler
from neuroclips.train.demo_zoo.scores import accuracy, class_of
from neuroclips.web import blurry
from neuroclips.web import films as webdata
from neuroclips.web.counterfactual import another_place
from neuroclips.zoo import zoo_named

ZOO = zoo_named()


def test_a_made_up_blurry_video_holds_the_place_and_little_detail(web):
    """It is more like its own clip than like another, as a mean over films would be, and every draw is another one."""
    clips, _ = web
    rng = np.random.default_rng(0)
    made = np.stack([blurry.blurry_video_of(webdata.HELD_OUT + i, rng) for i in range(4)])
    made = webdata.to_pixels(made)  # (4, 6, 3, H, W)
    true = clips[:4, [0, 3, 5, 8, 11, 13]]
    own, other = (pixel_correlation(made.flatten(0, 1), x.flatten(0, 1)) for x in (true, true.roll(1, 0)))
    assert made.shape == true.shape and 0.5 < own < 0.98 and own > other + 0.1
    assert torch.diff(made, dim=-1).abs().mean() < 0.5 * torch.diff(true, dim=-1).abs().mean()
    assert not torch.equal(made[0], webdata.to_pixels(blurry.blurry_video_of(webdata.HELD_OUT, rng)))


def test_the_way_from_a_blurry_video_begins_as_equation_5_does_and_ends_at_the_film():
    generator, scheduler = torch.Generator().manual_seed(0), build_scheduler()
    clean, rough, noise = (torch.randn(1, 8, 16, 4, 4, generator=generator) for _ in range(3))
    begin, theta = torch.tensor([670]), ZOO.settings.theta
    left = guided.left_by_blurry(scheduler, clean, rough, noise, int(begin), theta)
    start = diffuse_from(scheduler, rough, begin, theta, noise)
    assert torch.allclose(scheduler.add_noise(clean, left, begin), start, atol=1e-4)
    assert torch.allclose(scheduler.add_noise(clean, left, torch.tensor([0])), clean, atol=0.2)
    both = guided.left_by_blurry(
        scheduler, *(x.expand(2, -1, -1, -1, -1) for x in (clean, rough, noise)), begin.new_tensor([300, 670]), theta
    )
    assert torch.allclose(both[1:], left) and not torch.allclose(both[:1], left, atol=0.1)
    scheduler.set_timesteps(scheduler.config.num_train_timesteps)
    knowing = scheduler.get_velocity(clean, left, begin)  # what a model would predict that knew the film
    later = scheduler.step(knowing, int(begin), start).prev_sample
    assert torch.allclose(scheduler.add_noise(clean, left, begin - 1), later, atol=1e-4)


def test_starts_from_a_blurry_video_are_drawn_around_the_shipped_one():
    scheduler, generator = build_scheduler(), torch.Generator().manual_seed(0)
    clean, rough = (torch.randn(64, 8, 2, 4, 4, generator=generator) for _ in range(2))
    drawn = [guided.noise_from_blurry(scheduler, clean, rough, generator, ZOO.settings.theta) for _ in range(20)]
    t = torch.cat([t for _, t in drawn]) / scheduler.config.num_train_timesteps
    assert all(len(of_batch.unique()) > 30 for _, of_batch in drawn)  # every film has its own
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
    side = film_pixels() // pipeline.codec.factor
    assert made["blurry"].shape == (12, 2, 6, 8, side, side) and made["misplaced"].shape == (12, 2, 8, side, side)
    classes = class_of(webdata.web_shots(webdata.HELD_OUT, 12)).repeat_interleave(2)
    elsewhere = pipeline.codec.decode(made["misplaced"].flatten(0, 1))
    assert accuracy(judges.frame(elsewhere), classes) > 0.9
    frames = guided.made_up((webdata.HELD_OUT + 3, 1))
    assert torch.allclose(made["blurry"][3, 1], pipeline.codec.encode(webdata.to_pixels(frames[:6])), atol=0.03)
    assert not torch.allclose(made["blurry"][3, 0], made["blurry"][3, 1], atol=0.1)
    monkeypatch.setattr(guided, "_unsure", None)  # may not be called again
    assert torch.equal(guided.unsure(12, webdata.HELD_OUT, ZOO)["blurry"], made["blurry"])

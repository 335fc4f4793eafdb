"""All scores at once: best for the truth, whatever its rate and size; the judges that give them know the films."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from neuroclips.metrics.report import beside_floor, evaluate, floor
from neuroclips.simulation import shots
from neuroclips.simulation.vocabulary import CLASS_NAMES
from neuroclips.train.demo_zoo.judges import action_of
from neuroclips.train.demo_zoo.scores import accuracy
from neuroclips.web.clips import CLIP_FRAMES


def test_truth_beats_the_floor_under_every_judge(data, judges):
    truth = data.stimulus(30, 16)
    best, least = evaluate(truth, truth, judges), floor(truth, judges)
    assert best.ssim == pytest.approx(1.0) and best.psnr == math.inf and best.frame_2_way == best.video_2_way == 1.0
    assert least.ssim < 0.9 and least.psnr < 30 and least.clip_pcc == pytest.approx(1.0)
    assert beside_floor(truth, truth, judges).flat_colour == least


def test_a_film_at_8_fps_meets_six_true_frames_at_their_times(data, judges, generator):
    """All frames but those nearest to the six true ones are noise: nobody may look at them."""
    true_frames = data.stimulus(30, 6)
    video = torch.rand(16, *true_frames.shape[1:], generator=generator)
    video[[0, 3, 5, 8, 11, 13]] = true_frames
    found = evaluate(video, true_frames, judges)
    assert found.psnr == math.inf and found.ssim == pytest.approx(1.0)
    assert found.frame_2_way == found.video_2_way == 1.0


class Watching(nn.Module):
    """A judge that keeps what it was shown."""

    def __init__(self, judge):
        super().__init__()
        self.judge, self.seen = judge, []

    def forward(self, pixels):
        self.seen.append(pixels)
        return self.judge(pixels)


def test_the_video_judge_sees_six_frames_at_3_fps(data, judges):
    video, truth = data.stimulus(30, 16), data.stimulus(31, 6)
    watching = Watching(judges.video)
    evaluate(video, truth, replace(judges, video=watching))
    assert torch.equal(watching.seen[0], video[None, [0, 3, 5, 8, 11, 13]])
    assert torch.equal(watching.seen[1], truth[None])


def test_a_film_of_another_size_is_brought_to_that_of_the_truth(data, judges):
    small = data.stimulus(30, 16)
    large = small.repeat_interleave(2, -1).repeat_interleave(2, -2)  # 192 x 192
    assert evaluate(large, small, judges).ssim > 0.9
    assert evaluate(small, large, judges).ssim > 0.9


def test_the_frame_judge_knows_the_test_films(data, judges):
    """A judge that cannot tell classes on true frames would make 2-way scores empty."""
    clips = [c for c in range(0, 120, 2) if not shots.has_cut("test", 0, c)]
    frames = torch.stack([data.stimulus(c, 6)[3] for c in clips])
    names = [shots.shot_at("test", 0, 2.0 * c + 1).name for c in clips]
    with torch.no_grad():
        found = judges.frame(frames).argmax(1)
    right = np.mean([CLASS_NAMES[int(f)] == n for f, n in zip(found, names, strict=True)])
    assert right > 0.6  # chance is 1 / 41


def test_the_video_judge_knows_who_does_what_from_six_frames(web, judges):
    """It learnt from sixteen at 8 fps: of six at 3 fps, as they are scored, it still tells most."""
    clips, films = web
    assert clips.shape[1] == CLIP_FRAMES
    wanted = torch.tensor([action_of(film) for film in films])
    with torch.no_grad():
        assert accuracy(judges.video(clips[:, [0, 3, 5, 8, 11, 13]]), wanted) >= 4 / 6  # chance is below 1 / 50

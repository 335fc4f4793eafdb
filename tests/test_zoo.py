"""What each guidance steers, and how frozen models are scored, on web films that nothing was trained on."""

import pytest
import torch

from neuroclips.metrics.pixel import pixel_correlation
from neuroclips.train.demo_zoo.judges import action_of
from neuroclips.train.demo_zoo.scores import accuracy, caption_scores, class_of
from neuroclips.types import Request

PAIRS = ((0, 1), (2, 3), (4, 5))


def film(pipeline, caption, keyframe, blurry, seed=0):
    """As the demo zoo makes it."""
    numbers = pipeline.config.inference
    return pipeline.video(
        caption,
        keyframe,
        blurry,
        n_video_frames=16,
        theta=numbers.theta,
        start=numbers.video_start,
        num_inference_steps=numbers.video_steps,
        guidance_scale=numbers.video_guidance,
        solver=numbers.video_solver,
        generator=torch.Generator().manual_seed(seed),
    )


def test_each_guidance_steers_what_it_should(pipeline, judges, web):
    """Class follows words and keyframe, layout follows the blurry video, when all else stays."""
    clips, shots = web
    shown, placed = [], []
    for a, b in PAIRS:
        blurry = torch.nn.functional.avg_pool2d(clips[b][::3], 8).repeat_interleave(8, -1).repeat_interleave(8, -2)
        made = film(pipeline, shots[a].caption, clips[a, 0], blurry)  # words and keyframe of A, blurry video of B
        judged = judges.frame(made).softmax(-1).mean(0)[class_of([shots[a], shots[b]])]
        shown.append(bool(judged[0] > judged[1]))
        placed.append(pixel_correlation(made, clips[b]) > pixel_correlation(made, clips[a]))
    assert sum(shown) >= 2 and sum(placed) >= 2


def test_the_keyframe_is_guided_like_the_words(pipeline, web):
    """The unconditional half of guidance sees neither, so that without guidance both are without effect."""
    (clip, *_), (shot, *_) = web
    args = {"n_video_frames": 16, "theta": 0.3, "start": 1.0, "num_inference_steps": 2, "solver": "dpm"}
    films = {
        (scale, given): pipeline.video(
            *((shot.caption, clip[0]) if given else ("", None)),
            None,
            guidance_scale=scale,
            generator=torch.Generator().manual_seed(0),
            **args,
        )
        for scale in (0.0, 2.0)
        for given in (True, False)
    }
    assert torch.allclose(films[0.0, True], films[0.0, False], atol=1e-3)
    assert (films[2.0, True] - films[2.0, False]).abs().mean() > 0.02


def test_scores_of_sentences_and_classes(web):
    _, shots = web
    true = [s.caption for s in shots]
    assert caption_scores(true, shots) == {"noun": 1.0, "scene": 1.0}
    assert caption_scores(["a lamp on the floor"] * 6, shots) == {"noun": 0.0, "scene": 0.0}
    logits = torch.eye(41)[class_of(shots)]
    assert accuracy(logits, class_of(shots)) == 1 and accuracy(-logits, class_of(shots)) == 0
    assert len({action_of(s) for s in shots}) > 1


def test_steps_and_solver_of_a_request_reach_the_video(pipeline, data):
    fast = pipeline(data.sample(1, 4), video_steps=4)
    exact = pipeline(data.sample(1, 4), video_steps=4, video_solver="ddim")
    assert torch.equal(fast.keyframe, exact.keyframe) and not torch.equal(fast.video, exact.video)
    with pytest.raises(ValueError, match="got captioner 'vit', expected one of: blip2, git"):
        pipeline(data.sample(1, 4), captioner="vit")
    assert Request(1, 4).captioner == "blip2"

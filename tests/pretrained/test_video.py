"""What each guidance steers, on web films that nothing was trained on, and what a batch of films is."""

import torch

from neuroclips.metrics.pixel import pixel_correlation
from neuroclips.noise import seeded
from neuroclips.pretrained import precision
from neuroclips.pretrained.video import interpolate_frames
from neuroclips.train.demo_zoo.scores import class_of

PAIRS = ((0, 1), (2, 3), (4, 5))


def films(pipeline, captions, keyframes, blurry, **changes):
    """As the demo zoo makes them, each from its own noise."""
    s = pipeline.zoo.settings
    numbers = {
        "start": s.video_start,
        "num_inference_steps": s.video_steps,
        "guidance_scale": s.video_guidance,
        "solver": s.video_solver,
        "generators": [seeded(0, i) for i in range(len(captions))],
    }
    return pipeline.video(captions, keyframes, blurry, n_video_frames=16, theta=s.theta, **(numbers | changes))


def test_each_guidance_steers_what_it_should(pipeline, judges, web):
    """Class follows words and keyframe, layout follows the blurry video, when all else stays."""
    clips, shots = web
    a, b = ([pair[i] for pair in PAIRS] for i in (0, 1))
    blurry = torch.nn.functional.avg_pool2d(clips[b][:, ::3].flatten(0, 1), 8)
    blurry = blurry.repeat_interleave(8, -1).repeat_interleave(8, -2).unflatten(0, (len(b), -1))
    made = films(pipeline, [shots[i].caption for i in a], clips[a, 0], blurry)  # words and keyframe of A
    shown, placed = [], []
    for one, other, film in zip(a, b, made, strict=True):
        judged = judges.frame(film).softmax(-1).mean(0)[class_of([shots[one], shots[other]])]
        shown.append(bool(judged[0] > judged[1]))
        placed.append(pixel_correlation(film, clips[other]) > pixel_correlation(film, clips[one]))
    assert sum(shown) >= 2 and sum(placed) >= 2


def test_the_keyframe_is_guided_like_the_words(pipeline, web):
    """The unconditional half of guidance sees neither, so that without guidance both are without effect."""
    (clip, *_), (shot, *_) = web
    changes = {"start": 1.0, "num_inference_steps": 2}
    given = {
        scale: (
            films(pipeline, [shot.caption], clip[:1], None, guidance_scale=scale, **changes),
            films(pipeline, [""], None, None, guidance_scale=scale, **changes),
        )
        for scale in (0.0, 2.0)
    }
    assert torch.allclose(*given[0.0], atol=1e-3)
    assert (given[2.0][0] - given[2.0][1]).abs().mean() > 0.02


def test_guidance_of_one_asks_the_model_for_no_unconditional_half(pipeline, web, monkeypatch):
    """And gives what guidance of nearly one gives with it."""
    monkeypatch.setattr(precision, "has_bfloat16", lambda kind: False)
    (clip, *_), (shot, *_), sizes = *web, []
    counted = pipeline.video.unet.register_forward_pre_hook(lambda unet, given: sizes.append(len(given[0])))
    made = [
        films(pipeline, [shot.caption], clip[:1], clip[None, ::3], guidance_scale=scale, num_inference_steps=2)
        for scale in (1.0, 1.0001)
    ]
    counted.remove()
    assert sizes == [1, 2] and (made[0] - made[1]).abs().max() < 0.01


def test_interpolation_keeps_the_moments():
    video = torch.arange(6.0).view(6, 1, 1, 1).expand(6, 3, 2, 2)
    slow = interpolate_frames(video, 16)[:, 0, 0, 0]
    assert slow[0] == 0 and slow[8] == 3 and slow[-1] == 5  # frame 8 of 16 and frame 3 of 6 are both at 1 s
    assert (slow.diff() >= 0).all()
    both = interpolate_frames(torch.stack([video, 2 * video]), 16)
    assert torch.equal(both[0, :, 0, 0, 0], slow) and torch.equal(both[1, :, 0, 0, 0], 2 * slow)

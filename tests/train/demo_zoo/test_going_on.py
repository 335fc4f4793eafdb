"""Zoo stages that go on from trained weights."""

import pytest
import torch

from neuroclips.train.demo_zoo import captioner as zoo_captioner
from neuroclips.train.demo_zoo import judges as zoo_judges
from neuroclips.train.demo_zoo import video as zoo_video
from neuroclips.train.engine.recipe import Turn
from neuroclips.web import films as webdata
from neuroclips.zoo import load_part, zoo_named
from tests.conftest import DEMO

ZOO = zoo_named()


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
    """Steps 0 and 5 are without a keyframe, 2 and 3 with one, which for some films of a batch is misplaced."""
    trained, fresh = (zoo_video.VideoJob(ZOO, tmp_path, start) for start in (DEMO / "video", None))
    losses = {step: trained.loss(Turn(step, 4, seed=step)).item() for step in (0, 2, 3, 5)}
    assert all(loss < fresh.loss(Turn(step, 4, seed=step)).item() for step, loss in losses.items())
    trained.tensors["misplaced"] = torch.zeros_like(trained.tensors["misplaced"])
    changed = {step: trained.loss(Turn(step, 4, seed=step)).item() for step in losses}
    assert {step for step in losses if abs(changed[step] - losses[step]) > 1e-4} == {2, 3}


def test_the_video_judge_goes_on_from_trained_weights(few, tmp_path):
    job = zoo_judges.VideoJudgeJob(ZOO, tmp_path, DEMO / "video_judge")
    known, clips = load_part(ZOO, "video judge", "cpu"), webdata.to_pixels(webdata.web_clip(webdata.HELD_OUT))[None]
    assert torch.allclose(job.judge.eval()(clips), known(clips), atol=1e-4)
    assert job.loss(Turn(0, 4, seed=0)).requires_grad and not any(p.requires_grad for p in known.parameters())

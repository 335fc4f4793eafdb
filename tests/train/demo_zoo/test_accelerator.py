"""Nothing of a step of a zoo stage stays on the CPU when it trains elsewhere."""

from types import SimpleNamespace

import pytest

from neuroclips.train.demo_zoo import captioner as zoo_captioner
from neuroclips.train.demo_zoo import codec as zoo_codec
from neuroclips.train.engine.recipe import Turn
from neuroclips.train.spec import Given
from neuroclips.train.stages import stage_named
from neuroclips.zoo import zoo_named

ZOO = zoo_named()


STEPS = {  # of every stage, steps that go different ways
    "zoo-codec": (0, 2),
    "zoo-clip": (0,),
    "zoo-keyframes": range(6),
    "zoo-keyframes-decoded": range(8),
    "zoo-git": (0,),
    "zoo-video": (0, 1, 4, 5),
    "zoo-frame-judge": (0, 1, 2),
    "zoo-own-frame-judge": (0,),
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


def test_the_critic_looks_at_frames_where_they_are(few, tmp_path):
    job = zoo_codec.CodecJob(tmp_path)
    job.to("meta")
    losses = job.loss(Turn(2, 4, share=0.9))
    assert {loss.device.type for loss in losses.values()} == {"meta"} and set(losses) == {"likeness", "pull", "critic"}


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

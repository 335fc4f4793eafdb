"""What the pipeline promises: the film comes from the fMRI it is given, from nothing else, and reproducibly."""

import inspect
import json
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from neuroclips.config import SMOOTH_PROMPT

from neuroclips import evaluation
from neuroclips.metrics.semantic import retrieval_top1
from neuroclips.paths import ASSETS
from neuroclips.pipeline import NeuroClips
from neuroclips.types import STEPS, FmriSample, Guidance

CLIP, OTHER, STEPS_FAST = 2, 30, 6


@pytest.fixture(scope="module")
def full(pipeline, data):
    return pipeline(data.sample(1, CLIP), video_steps=STEPS_FAST)


def test_every_field_is_filled(full):
    assert full.blurry_video.shape == (6, 3, 96, 96) and full.keyframe.shape == (3, 96, 96)
    assert full.video.shape == (16, 3, 96, 96) and full.image_tokens.shape == (16, 128)
    assert full.caption and full.caption != SMOOTH_PROMPT
    assert set(full.seconds) == set(STEPS) and all(s > 0 for s in full.seconds.values())
    for pixels in (full.blurry_video, full.keyframe, full.video):
        assert 0 <= pixels.min() and pixels.max() <= 1


def test_same_seed_same_video_and_another_seed_another(pipeline, data, full):
    sample = data.sample(1, CLIP)
    assert torch.equal(pipeline(sample, video_steps=STEPS_FAST).video, full.video)
    assert not torch.equal(pipeline(sample, seed=1, video_steps=STEPS_FAST).video, full.video)


def test_the_fmri_decides_not_the_index(pipeline, data, full):
    """Clip B's fMRI under clip A's index gives B's reconstruction."""
    swapped = replace(data.sample(1, OTHER), clip=CLIP)
    honest = pipeline(data.sample(1, OTHER), video_steps=STEPS_FAST)
    found = pipeline(swapped, video_steps=STEPS_FAST)
    assert torch.equal(found.video, honest.video) and found.caption == honest.caption
    assert not torch.allclose(found.video, full.video, atol=0.05)


@pytest.mark.parametrize("off", ["alpha", "beta", "gamma"])
def test_each_guidance_changes_the_video(pipeline, data, full, off):
    changed = pipeline(data.sample(1, CLIP), Guidance(**{off: False}), video_steps=STEPS_FAST)
    assert (changed.video - full.video).abs().mean() > 1e-3
    assert torch.equal(changed.blurry_video, full.blurry_video)
    if off == "beta":
        assert changed.keyframe is None and changed.image_tokens is None
    if off != "alpha":
        assert changed.caption == SMOOTH_PROMPT


def test_no_argument_could_hold_the_truth():
    accepted = set(inspect.signature(NeuroClips.__call__).parameters)
    settings = {"seed", "video_steps", "video_solver", "captioner", "on_progress"}
    assert accepted == {"self", "sample", "guidance", *settings}
    assert {f.name for f in fields(FmriSample)} == {"voxels", "subject", "clip"}
    assert "sample.clip" not in inspect.getsource(NeuroClips)  # the index of the clip is never looked at


@pytest.mark.parametrize("subject", [1, 2, 3])
def test_retrieval_is_far_above_chance_and_falls_to_it_without_the_brain(subject):
    real, swapped = evaluation.retrieval(subject), evaluation.retrieval(subject, swapped=True)
    assert real > 10 / 300
    assert swapped <= 5 / 300  # chance is 1 / 300
    reported = json.loads((ASSETS / "readme" / "reconstructors.json").read_text())["retrieval"]["rows"]
    assert real == pytest.approx(reported[f"subject {subject}"]["keyframe, 300"], abs=2.5 / 300)  # shipped as float16
    assert reported["null subject"]["keyframe, 300"] <= 5 / 300


def test_silent_voxels_retrieve_at_chance(pipeline, data, judges):
    models = pipeline.subjects(1)
    nothing = torch.zeros(300, data.info.n_voxels[1])
    truth = judges.clip.image_tokens(torch.stack([data.stimulus(c, 6)[3] for c in range(300)]))
    centre = models.semantic.centre
    found = retrieval_top1((models.semantic.projected(nothing) - centre).flatten(1), (truth - centre).flatten(1))
    assert found == pytest.approx(1 / 300)


def test_the_blurry_video_is_closer_to_its_own_film(pipeline, data):
    clips = list(range(0, 60, 3))
    voxels = torch.stack([data.sample(1, c).voxels for c in clips])
    blurry = pipeline.codec.decode(pipeline.subjects(1).perception(voxels)).mean(1)
    truth = torch.stack([data.stimulus(c, 6).mean(0) for c in clips])
    error = torch.cdist(blurry.flatten(1), truth.flatten(1))
    own, others = error.diag().mean(), error[~torch.eye(len(clips), dtype=torch.bool)].mean()
    assert own < 0.9 * others


def test_another_subjects_voxels_are_refused(pipeline, data):
    with pytest.raises(ValueError, match="another subject"):
        pipeline(replace(data.sample(1, 0), subject=2))


def test_unknown_names_say_what_exists(data, pipeline):
    with pytest.raises(ValueError, match="subjects 1, 2, 3"):
        data.sample(7, 0)
    with pytest.raises(ValueError, match="clips 0 to 299"):
        data.sample(1, 300)
    with pytest.raises(FileNotFoundError, match="there are: 1, 2, 3"):
        pipeline.subjects(9)


def test_raising_in_progress_cancels(pipeline, data):
    def stop(stage):
        if stage.name == "video" and stage.fraction > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pipeline(data.sample(1, CLIP), video_steps=STEPS_FAST, on_progress=stop)


def test_shipped_samples_are_zscored_means(data):
    voxels = np.stack([data.sample(1, c).voxels.numpy() for c in range(240)])  # the whole film test1
    assert np.abs(voxels.mean(0)).max() < 0.02 and 0.2 < voxels.std(0).mean() < 1.0

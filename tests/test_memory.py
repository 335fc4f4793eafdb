"""What a memory gives for changed settings is what would be made anew: for every field that settings have."""

from copy import copy
from dataclasses import fields, replace

import pytest
import torch

from neuroclips.memory import Memory
from neuroclips.types import FmriSample, Guidance, Settings, Step
from neuroclips.zoo import Part

FAST = {"prior_steps": 2, "prior_samples": 1, "keyframe_steps": 1, "keyframe_draws": 2, "video_steps": 1}
UNGUIDED = {"guidance": Guidance(alpha=False)}


def dimmed(sample: FmriSample) -> FmriSample:
    return replace(sample, voxels=sample.voxels / 2)


# a value of each field that differs from `FAST` and the demo's, and what has to be chosen beside it to have an effect
CHANGED: dict[str, tuple[object, dict[str, object]]] = {
    "guidance": (Guidance(alpha=False), {}),
    "seed": (1, {}),
    "captioner": ("git", {}),
    "prompt": ("a cat", {}),
    "prompt_suffix": (" in the snow", {}),
    "negative_prompt": ("a dog", {"video_guidance": 2.0}),
    "video_model": ("other", {}),
    "pixels": (64, {}),
    "n_video_frames": (8, {}),
    "fps": (4, {}),
    "prior_steps": (3, {}),
    "prior_samples": (2, {}),
    "keyframe_draws": (1, {}),
    "keyframe_near": (-1.0, {}),
    "keyframe_steps": (2, {}),
    "keyframe_from": ("noise", {}),
    "keyframe_start": (0.5, {"keyframe_steps": 4}),
    "keep_keyframe": (True, UNGUIDED),
    "keyframe_guidance": (1.0, {}),
    "keyframe_solver": ("ddim", {}),
    "video_steps": (2, {}),
    "video_start": (0.2, {}),
    "video_guidance": (3.0, {}),
    "video_solver": ("ddim", {}),
    "alpha_mode": ("released", {}),
    "theta": (0.0, {}),
    "control_halves": ("both", {"video_guidance": 2.0}),
    "edits": ((dimmed,), {}),
}
FILM_ALONE = {name for name in CHANGED if name.startswith(("video", "alpha", "theta", "control", "prompt", "negative"))}
FILM_ALONE |= {"pixels", "n_video_frames", "fps"}


class BeforeTheFilm(Exception):
    """Raised when everything but the film is there."""


@pytest.fixture(scope="module")
def versatile(pipeline):
    """The demo zoo as one with every mode of equation 5 and a second video model, which are settings of the film."""
    made = copy(pipeline)
    parts = (*pipeline.zoo.parts, Part("video/other", "animatediff", "nowhere"))
    made.zoo = replace(pipeline.zoo, parts=parts, alpha_modes=("partial", "paper", "released"))
    made.part = lambda role: pipeline.part("video" if role == "video/other" else role)
    return made


@pytest.fixture(scope="module")
def before_film(versatile, data):
    """Results of the steps before the film, and which of them were recalled."""

    def take(settings: Settings, memory: Memory | None = None) -> tuple[dict, set]:
        results, recalled = {}, set()
        last = Step.CAPTION if settings.captioned else Step.KEYFRAME

        def told(stage):
            if stage.fraction == 1:
                results[stage.step] = stage.results
                recalled.update({stage.step} if stage.recalled else ())
                if stage.step == last:
                    raise BeforeTheFilm

        with pytest.raises(BeforeTheFilm):
            versatile(data.sample(1, 3), settings, told, memory)
        return results, recalled

    return take


@pytest.fixture(scope="module")
def memory():
    """One for all fields: what was made for one is there for the others."""
    return Memory(most=1000)


def same(a, b) -> bool:
    return all(torch.equal(x, y) if isinstance(x, torch.Tensor) else x == y for x, y in zip(a, b, strict=True))


def test_every_field_of_settings_is_tried():
    assert set(CHANGED) == {field.name for field in fields(Settings)}


@pytest.mark.parametrize("name", CHANGED)
def test_a_step_that_is_recalled_for_a_changed_field_would_be_made_the_same(before_film, memory, name):
    value, beside = CHANGED[name]
    usual = replace(Settings(**FAST), **beside)
    changed = replace(usual, **{name: value})
    assert changed != usual
    first, _ = before_film(usual, memory)
    remembered, recalled = before_film(changed, memory)
    if name in FILM_ALONE:
        assert recalled == set(remembered)
    anew = before_film(changed)[0] if recalled else {}
    assert all(same(remembered[step], anew[step]) for step in recalled)
    differ = {step for step in remembered if step in first and not same(first[step], remembered[step])}
    assert differ or name in FILM_ALONE, "the value that is tried changes nothing: try another one"

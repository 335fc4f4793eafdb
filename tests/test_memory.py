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


# values that differ from `FAST` and the demo's, and what has to be chosen beside them to have an effect
CHANGED: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "guidance": ({"guidance": Guidance(alpha=False)}, {}),
    "seed": ({"seed": 1}, {}),
    "captioner": ({"captioner": "git"}, {}),
    "prior_steps": ({"prior_steps": 3}, {}),
    "prior_samples": ({"prior_samples": 2}, {}),
    "keyframe_draws": ({"keyframe_draws": 1}, {}),
    "keyframe_near": ({"keyframe_near": -1.0}, {}),
    "keyframe_steps": ({"keyframe_steps": 2}, {}),
    "keyframe_from": ({"keyframe_from": "noise"}, {}),
    "keyframe_start": ({"keyframe_start": 0.5}, {"keyframe_steps": 4}),
    "keep_keyframe": ({"keep_keyframe": True}, UNGUIDED),
    "keyframe_guidance": ({"keyframe_guidance": 1.0}, {}),
    "keyframe_solver": ({"keyframe_solver": "ddim"}, {}),
    "edits": ({"edits": (dimmed,)}, {}),
}
FILM_ALONE: dict[str, dict[str, object]] = {  # no step before the film depends on these
    "words": {"prompt": "a cat"},
    "all others": {
        "prompt_suffix": " in the snow",
        "negative_prompt": "a dog",
        "video_model": "other",
        "pixels": 64,
        "n_video_frames": 8,
        "fps": 4,
        "video_steps": 2,
        "video_start": 0.2,
        "video_guidance": 3.0,
        "video_solver": "ddim",
        "alpha_mode": "released",
        "theta": 0.0,
        "control_halves": "both",
    },
}


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
    alone = [name for values in FILM_ALONE.values() for name in values]
    assert sorted([*CHANGED, *alone]) == sorted(field.name for field in fields(Settings))


@pytest.mark.parametrize("name", CHANGED)
def test_a_step_that_is_recalled_for_a_changed_field_would_be_made_the_same(before_film, memory, name):
    change, beside = CHANGED[name]
    usual = replace(Settings(**FAST), **beside)
    first, _ = before_film(usual, memory)
    remembered, recalled = before_film(replace(usual, **change), memory)
    anew = before_film(replace(usual, **change))[0] if recalled else {}
    assert all(same(remembered[step], anew[step]) for step in recalled)
    changed = [step for step in remembered if step in first and not same(first[step], remembered[step])]
    assert changed, "the value that is tried changes nothing: try another one"


@pytest.mark.parametrize("name", FILM_ALONE)
def test_what_the_film_alone_depends_on_recalls_all_before_it(before_film, memory, name):
    usual = Settings(**FAST)
    changed = replace(usual, **FILM_ALONE[name])
    assert all(getattr(changed, field) != getattr(usual, field) for field in FILM_ALONE[name])
    before_film(usual, memory)
    remembered, recalled = before_film(changed, memory)
    anew, _ = before_film(changed)
    assert recalled == set(remembered) == set(anew)
    assert all(same(remembered[step], anew[step]) for step in recalled)

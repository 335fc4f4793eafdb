"""What fields of configs may be: types, ranges, what fits together; and that all that is shipped is valid."""

import inspect
import json
from dataclasses import fields, is_dataclass, replace
from importlib import import_module
from pkgutil import walk_packages
from typing import Annotated, Literal

import pytest
import torch

import neuroclips
from neuroclips.errors import InputError
from neuroclips.paths import CHECKPOINTS
from neuroclips.pretrained.schedule import SOLVERS
from neuroclips.ranges import Checked, Range, expect, hints_of, is_number
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.configs import CONFIGS
from neuroclips.reconstructors.linear import LinearConfig
from neuroclips.reconstructors.perception import PerceptionConfig
from neuroclips.reconstructors.prior import PriorConfig
from neuroclips.train.engine.recipe import Recipe, Solved, Turn
from neuroclips.train.names import STAGES
from neuroclips.train.spec import recipe_of
from neuroclips.train.stages import stage_named
from neuroclips.types import Guidance, Settings, Solver
from neuroclips.zoo import ZOOS

NAN, INF = float("nan"), float("inf")
Few = Annotated[int, Range(1, 9)]
Part = Annotated[float, Range(above=0, below=1)]


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        *((value, Few) for value in (1, 9)),
        *((value, Few | None) for value in (None, 3)),
        *((value, Part) for value in (1e-9, 0.5)),
        *((value, float) for value in (0, 2.5, -1e308)),
        *((value, tuple[Few, ...]) for value in ((), (1, 2))),
        *((value, Literal["a", "b"]) for value in ("a", "b")),
        (True, bool),
        ("", str),
        (Guidance(), Guidance),
    ],
)
def test_what_fits_is_taken(value, hint):
    expect("a value", value, hint)


@pytest.mark.parametrize(
    ("value", "hint", "wanted"),
    [
        *((value, Few, "1 or more and up to 9$") for value in (0, -1, 10)),
        *((value, Few, "a whole number, 1 or more and up to 9$") for value in (True, 2.5, 2.0, "2", None, NAN)),
        *((value, Few | None, ".*1 or more and up to 9$") for value in (0, "x", 1.5)),
        *((value, Part, "above 0 and below 1$") for value in (0.0, 1, -0.5)),
        *((value, float, "a finite number$") for value in (NAN, INF, -INF, True, "1", None, 10**400)),
        *(
            (value, tuple[Few, ...], "a list, of each .*1 or more and up to 9$")
            for value in ((0,), (1, 2.5), (3, True))
        ),
        ([1, 2], tuple[Few, ...], "a list"),
        *((value, Literal["a", "b"], "one of: a, b$") for value in ("c", "", None, 1)),
        *((value, bool, "true or false$") for value in (0, 1, "true", None)),
        (3, str, "text$"),
        (3, Guidance, "a Guidance$"),
    ],
)
def test_what_does_not_fit_is_named_with_what_was_expected(value, hint, wanted):
    with pytest.raises(InputError, match=rf"^got a value .*, expected {wanted}"):
        expect("a value", value, hint)


def test_long_values_are_cut_in_messages():
    with pytest.raises(InputError) as caught:
        expect("steps", "9" * 100_000, Few)
    assert len(str(caught.value)) < 150


def test_only_ordinary_digits_are_numbers():
    assert is_number("0") and is_number("40")
    assert not any(map(is_number, ("", "-1", "1.5", "²", "١", "1_0", " 1", "9" * 5000)))


def _configs() -> list[type]:
    """Every frozen config of the package that says what its fields may be."""
    found = set()
    for module in walk_packages(neuroclips.__path__, "neuroclips."):
        if module.name != "neuroclips.__main__":
            members = vars(import_module(module.name)).values()
            found |= {c for c in members if inspect.isclass(c) and issubclass(c, Checked) and c is not Checked}
    return sorted(found, key=lambda c: c.__name__)


CHECKED = _configs()


def test_every_config_is_checked():
    presets = [preset for name in STAGES for preset in stage_named(name).presets.values()]
    inner = [getattr(p, f.name) for p in presets for f in fields(p) if is_dataclass(getattr(p, f.name))]
    assert {type(config) for config in (*presets, *inner)} | set(CONFIGS.values()) <= set(CHECKED)


def test_every_number_of_a_config_has_its_range():
    """A bare int or float would take any number; where that is meant it is listed here."""
    meant = {("PreprocessConfig", "delay")}  # delay_volumes tells which there are
    meant |= {("Solved", name) for name in ("learning_rate", "batch_size", "steps")}  # they mean nothing
    bare = {
        (c.__name__, name) for c in CHECKED for name, hint in hints_of(c).items() if hint in (int, float, int | None)
    }
    assert bare <= meant


def test_all_that_is_shipped_is_valid():
    """Presets of all stages and zoos, settings of the zoos, and the config.json of every shipped reconstructor."""
    for preset in (p for name in STAGES for p in stage_named(name).presets.values()):
        assert replace(preset) == preset and replace(recipe_of(preset)) == recipe_of(preset)
    for zoo in ZOOS.values():
        assert replace(zoo.settings) == zoo.settings
        zoo.expect(zoo.settings)
    read = 0
    for path in CHECKPOINTS.glob("**/config.json"):
        record = json.loads(path.read_text())
        if record.get("config") in CONFIGS:
            assert weights.load(path.parent).config.__class__.__name__ == record["config"]
            read += 1
    assert read == 14


def test_motion_modules_know_as_many_frames_as_the_zoo_says():
    motion = json.loads((CHECKPOINTS / "demo" / "video" / "motion" / "config.json").read_text())
    assert motion["motion_max_seq_length"] == ZOOS["demo"].most_frames


def test_solvers_of_settings_are_those_there_are():
    assert set(SOLVERS) == set(Solver.__args__)


RECIPE = Recipe(1e-3, 24, steps=3)
RECIPES = [
    *(({"steps": n}, "got steps") for n in (0, -1, 2.5, True, 10**12)),
    *(({"steps": None, "epochs": n}, "got epochs") for n in (0, -1, NAN)),
    ({"epochs": 2}, "got steps 3 and epochs 2, expected one of them"),
    ({"steps": None}, "got steps None and epochs None and seconds None, expected one of them"),
    *(({"batch_size": n}, "got batch size") for n in (0, -4, 2.0)),
    *(({"accumulate": n}, "got accumulate") for n in (0, -1, 1.5)),
    ({"accumulate": 5}, "got batch size 24 in 5 parts, expected a multiple"),
    ({"accumulate": 48}, "got batch size 24 in 48 parts, expected a multiple"),
    *(({"learning_rate": n}, "got learning rate") for n in (0, -1.0, NAN, INF, 1e6)),
    *(({"ema": n}, "got ema") for n in (7, 1, -0.1, NAN)),
    *(({"warm_up": n}, "got warm up") for n in (0, 1, 2, -1)),
    *(({"clip_grad": n}, "got clip grad") for n in (0, -1, "abc", True)),
    *(({"weight_decay": n}, "got weight decay") for n in (-1, INF)),
    *(({"save_every": n}, "got save every") for n in (-1, NAN)),
    ({"validate_every": 0}, "got validate every 0"),
    *(({"seed": n}, "got seed") for n in (-1, 2**32, 10**20, 0.5)),
    ({"mixed_precision": "int8"}, "got mixed precision 'int8', expected one of: no, bf16, fp16"),
]


@pytest.mark.parametrize(("changes", "says"), RECIPES)
def test_recipes_that_make_no_sense_are_refused(changes, says):
    with pytest.raises(InputError, match=says):
        replace(RECIPE, **changes)


def test_steps_and_epochs_take_each_others_place():
    assert RECIPE.changed({"epochs": 2}).n_steps(100) == 8 and RECIPE.changed({"steps": 7}).n_steps(100) == 7
    assert RECIPE.changed({"batch_size": 12, "epochs": None}) == replace(RECIPE, batch_size=12)
    assert replace(RECIPE, clip_grad=None, save_every=0, ema=0) and Solved().n_steps(100) == 0
    with pytest.raises(InputError, match="got steps 7 and epochs 2"):
        RECIPE.changed({"steps": 7, "epochs": 2})


def test_every_seed_that_is_allowed_can_be_drawn_from_and_is_another_one():
    """Torch's generator on a CPU drops what is above 32 bits: a seed above them would be the same as a smaller one."""
    largest = 2**32 - 1
    assert replace(RECIPE, seed=largest).seed == largest
    turn = Turn(0, 4, 1, 2, (largest * 10_000_019 + 10**9) * 2**20)
    assert turn.noise(torch.arange(2), (3,)).isfinite().all() and turn.local_generator.initial_seed() >= 0
    zero, same = (torch.rand(3, generator=torch.Generator().manual_seed(s)) for s in (0, largest + 1))
    assert torch.equal(zero, same)


@pytest.mark.parametrize(
    ("config", "changes", "says"),
    [
        (PerceptionConfig(), {"channels": ()}, "got channels"),
        (PerceptionConfig(), {"channels": (12, 8, 8)}, "multiples of 8"),
        (PerceptionConfig(), {"channels": (8, 0, 8)}, "got channels .*, expected a list, of each 1 or more"),
        (PerceptionConfig(), {"extend": "both"}, "got extend 'both', expected one of: voxels, ridge"),
        (PerceptionConfig(), {"dropout": 1.0}, "got dropout 1.0, expected 0 or more and below 1"),
        (PerceptionConfig(), {"extension_rank": 0}, "got extension rank 0"),
        (PriorConfig(), {"heads": 3}, "got 3 heads, expected a number that divides the clip dim 1664"),
        (PriorConfig(), {"heads": 0}, "got heads 0"),
        (LinearConfig((4, 8)), {"shape": ()}, "got an empty shape"),
        (Settings(), {"n_video_frames": 0}, "got n video frames 0"),
        (Settings(), {"guidance": True}, "expected a Guidance"),
        (Settings(), {"captioner": None}, "got captioner None, expected text"),
        (Guidance(), {"alpha": 1}, "got alpha 1, expected true or false"),
    ],
)
def test_configs_that_make_no_sense_are_refused(config, changes, says):
    with pytest.raises(InputError, match=says):
        replace(config, **changes)

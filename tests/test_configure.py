"""Fields of a frozen config, changed by words of the command line."""

import pytest

from neuroclips.configure import configure, expect_once, parse_changes
from neuroclips.errors import InputError
from neuroclips.train.reconstructors.perception import PRESETS as PERCEPTION
from neuroclips.train.reconstructors.semantic import PRESETS


def test_fields_are_set_by_name():
    config = PRESETS["demo"]
    changed = configure(config, parse_changes(["network.dropout=0", "contrast=none", "ridge.mean_repeat=false"]))
    assert changed.network.dropout == 0.0 and changed.contrast == "none" and not changed.ridge.mean_repeat


def test_json_becomes_the_type_of_a_field_whatever_it_is_now():
    config = configure(PERCEPTION["paper"], {"network.channels": [16, 8, 8], "recipe.clip_grad": 2, "contrast": 0})
    assert config.network.channels == (16, 8, 8)
    assert repr((config.recipe.clip_grad, config.contrast)) == "(2.0, 0.0)"  # runs are told apart by their repr
    assert configure(config, parse_changes(["recipe.clip_grad=null"])).recipe.clip_grad is None


def test_fields_that_depend_on_each_other_are_set_together():
    """In either order; one after the other would pass through a config that is refused."""
    words = ["recipe.batch_size=9", "recipe.accumulate=3", "prior.clip_dim=9", "prior.heads=3"]
    for order in (words, words[::-1]):
        config = configure(PRESETS["demo"], parse_changes(order))
        assert (config.recipe.accumulate, config.prior.heads) == (3, 3)
    epochs = configure(PRESETS["demo"], parse_changes(["recipe.epochs=2", "recipe.steps=null"]))
    assert epochs.recipe.n_steps(480) == 4


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("network.width=3", "got --set network.width, expected one of: n_tokens"),
        ("network.=3", "got --set network., expected one of"),
        ("contrast.x=3", "expected no dot after contrast"),
        ("network=3", "expected one of: network.n_tokens"),
        ("joint=perhaps", "got joint 'perhaps', expected true or false"),
        ("joint=null", "got joint None, expected true or false"),
        ("network.head_rank=abc", "network: got head rank 'abc', expected a whole number"),
        ("network.head_rank=2.5", "network: got head rank 2.5, expected a whole number"),
        ("recipe.clip_grad=[1]", r"recipe: got clip grad \[1\], expected a finite number"),
        ("recipe.epochs=3", "recipe: got steps 900 and epochs 3, expected one of them"),
        ("temperature=NaN", "got temperature nan, expected a finite number"),
        ("temperature=1e999", "got temperature inf, expected a finite number"),
        ("temperature=1" + 400 * "0", "got temperature 10000.*, expected a finite number"),
        ("temperature=1" + 5000 * "0", "got temperature '10000.*, expected a finite number"),
        ("temperature=" + 100_000 * "[", "expected a finite number"),
    ],
)
def test_what_a_field_may_not_be_is_refused(word, says):
    with pytest.raises(InputError, match=says):
        configure(PRESETS["demo"], parse_changes([word]))


@pytest.mark.parametrize("word", ["contrast", "contrast=", "contrast= ", "=none", "=", ""])
def test_words_without_name_or_value_are_refused(word):
    with pytest.raises(InputError, match="expected NAME=VALUE"):
        parse_changes([word])


def test_nothing_is_set_twice():
    with pytest.raises(InputError, match="got --set contrast twice"):
        parse_changes(["contrast=none", "contrast =softclip"])
    with pytest.raises(InputError, match="got --steps and --set recipe.steps, expected one of them"):
        expect_once({"recipe.steps": "--steps"}, {"recipe.steps": 3})

"""Numbers that a visitor sends: they go through the configs, and what makes no sense is told in one line."""

import pytest

from neuroclips import precomputed
from neuroclips.cli.reconstruction import settings_of
from neuroclips.errors import InputError
from neuroclips.types import PRESETS, TABLE_2, Guidance
from neuroclips.ui import catalogue
from neuroclips.ui.asked import from_query, request_of
from neuroclips.ui.choices import choices
from neuroclips.zoo import zoo_named

NAN = float("nan")
NAMED = {"theta": "--theta", "video_start": "--start", "keyframe_start": "--strength", "prompt": "--prompt"}


def test_every_choice_takes_the_value_that_the_zoo_has():
    settings = zoo_named().settings
    for choice in choices(zoo_named()):
        value = getattr(settings, choice.field)
        assert choice.taken(settings, value) == value
        assert choice.typed.startswith("--")
    assert {c.field: c.typed for c in choices(zoo_named()) if c.field in NAMED} == NAMED


def test_modes_of_equation_5_are_a_choice_only_where_a_zoo_has_several():
    assert "alpha_mode" not in {choice.field for choice in choices(zoo_named())}
    several = next(c for c in choices(zoo_named("paper")) if c.field == "alpha_mode")
    assert several.options == zoo_named("paper").alpha_modes and several.typed == "--alpha-mode"
    with pytest.raises(InputError, match="^got alpha_mode, expected some of"):
        request_of({"subject": 1, "clip": 0, "alpha_mode": "paper"})


def test_words_of_ones_own_take_the_place_of_the_caption_with_and_without_a_keyframe():
    for beta in (True, False):
        settings = request_of({"subject": 1, "clip": 0, "beta": beta, "prompt": " a  cat "}).settings.used
        assert settings.words == "a cat" and not settings.captioned
        assert settings.guidance == Guidance(beta=beta)


def test_what_is_typed_into_an_address_stays_words():
    assert from_query({"prompt": "7", "negative_prompt": "null", "clip": "7", "alpha": "false"}) == {
        "prompt": "7",
        "negative_prompt": "null",
        "clip": 7,
        "alpha": False,
    }


def test_rows_of_table_2_are_presets_of_the_command_line_and_have_stored_films():
    rows = catalogue.catalogue()["table_2"]
    assert list(rows) == [name for name in PRESETS if name != "released"] == list(TABLE_2)
    for preset, kind in rows.items():
        settings = settings_of("demo", {}, None, preset)
        assert precomputed.FILMS[kind] == (settings.guidance.used, settings.captioner)


def test_whole_numbers_of_a_page_are_whole_numbers():
    settings = request_of({"subject": 1.0, "clip": 0, "seed": 3.0, "video_steps": 4.0, "theta": 0}).settings
    assert (settings.seed, settings.video_steps, settings.theta) == (3, 4, 0)
    assert type(settings.video_steps) is int and type(settings.seed) is int


WRONG = [
    *(({"video_steps": value}, "got video steps") for value in (0, 2.5, NAN, None, "x", 100_000)),
    *(({"theta": value}, "got theta") for value in (1, -0.1, NAN, None)),
    ({"captioner": "llama"}, "got captioner 'llama'"),
    ({"video_solver": "heun"}, "got video solver 'heun'"),
]


@pytest.mark.parametrize(("values", "says"), WRONG)
def test_what_makes_no_sense_is_refused(values, says):
    with pytest.raises(InputError, match=says):
        request_of({"subject": 1, "clip": 0, **values})

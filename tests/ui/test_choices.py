"""Numbers that a visitor sends: they go through the configs, and what makes no sense is told in one line."""

import pytest

from neuroclips.errors import InputError
from neuroclips.ui.asked import request_of
from neuroclips.ui.choices import choices
from neuroclips.zoo import zoo_named

NAN = float("nan")


def test_every_choice_takes_the_value_that_the_zoo_has():
    settings = zoo_named().settings
    for choice in choices(zoo_named()):
        value = getattr(settings, choice.field)
        assert choice.taken(settings, value) == value


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

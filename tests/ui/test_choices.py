"""Numbers that a visitor types: they go through the configs, and what makes no sense is told on the page."""

import pytest

from neuroclips.errors import InputError
from neuroclips.types import Guidance
from neuroclips.ui.choices import choices, chosen
from neuroclips.zoo import zoo_named

ZOO, NAN = zoo_named(), float("nan")


def typed(**values) -> tuple:
    """The numbers on the page, of which some were changed."""
    return tuple(values.get(c.field, getattr(ZOO.settings, c.field)) for c in choices(ZOO))


def test_whole_numbers_of_a_page_are_whole_numbers():
    settings = chosen(ZOO, Guidance(), 3, typed(video_steps=4.0, theta=0))
    assert (settings.seed, settings.video_steps, settings.theta) == (3, 4, 0)
    assert type(settings.video_steps) is int


WRONG = [
    *(({"video_steps": value}, "got video steps") for value in (0, 2.5, NAN, None, "x", 100_000)),
    *(({"theta": value}, "got theta") for value in (1, -0.1, NAN, None)),
    ({"captioner": "llama"}, "got captioner 'llama'"),
    ({"video_solver": "heun"}, "got video solver 'heun'"),
]


@pytest.mark.parametrize(("values", "says"), WRONG)
def test_what_makes_no_sense_is_refused(values, says):
    with pytest.raises(InputError, match=says):
        chosen(ZOO, Guidance(), 0, typed(**values))

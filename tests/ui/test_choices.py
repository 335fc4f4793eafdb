"""Numbers that a visitor types: they go through the configs, and what makes no sense is told on the page."""

import gradio as gr
import pytest

from neuroclips.errors import InputError
from neuroclips.types import Guidance
from neuroclips.ui import decode
from neuroclips.ui.choices import choices, chosen, told, whole
from neuroclips.ui.training import TrainingRun
from neuroclips.zoo import zoo_named

ZOO, NAN = zoo_named(), float("nan")


def typed(**values) -> tuple:
    """The numbers on the page, of which some were changed."""
    return tuple(values.get(c.field, getattr(ZOO.settings, c.field)) for c in choices(ZOO))


def test_whole_numbers_of_a_page_are_whole_numbers():
    settings = chosen(ZOO, Guidance(), 3.0, typed(video_steps=4.0, theta=0))
    assert (settings.seed, settings.video_steps, settings.theta) == (3, 4, 0)
    assert type(settings.seed) is int and type(whole(2.0)) is int and whole(2.5) == 2.5


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


@pytest.mark.parametrize("seed", [-1, 1.5, NAN, float("inf"), 1e30])
def test_a_seed_that_makes_no_sense_is_told_on_the_page(seed):
    with pytest.raises(gr.Error, match="got seed"):
        next(decode.decode(1, 0, True, True, True, seed, *typed()))


@pytest.mark.parametrize("clip", [-1, 300, 2.5, NAN, float("inf")])
def test_a_clip_that_is_not_there_is_told_on_the_page(clip):
    with pytest.raises(gr.Error, match="got clip"):
        decode.show(1, clip)
    with pytest.raises(gr.Error, match="got clip"):
        next(decode.decode(1, clip, True, True, True, 0, *typed()))


@pytest.mark.parametrize("steps", [0, -50, 2.5, NAN, None])
def test_steps_that_make_no_sense_start_no_training(steps):
    run = TrainingRun()
    with pytest.raises(gr.Error, match="got steps"), told():
        run.start("semantic", 1, whole(steps))
    assert run.process is None

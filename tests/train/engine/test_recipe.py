"""The numbers of a run, and what is drawn with them."""

from dataclasses import replace

import pytest
import torch

from neuroclips.train.engine.pace import one_cycle
from neuroclips.train.engine.recipe import Turn
from tests.train.engine.line_job import RECIPE


def test_steps_or_epochs():
    assert replace(RECIPE, steps=None, epochs=30).n_steps(480) == 30 * 30
    with pytest.raises(ValueError, match="--epochs"):
        replace(RECIPE, steps=None).n_steps(480)
    with pytest.raises(ValueError, match="got steps 0, expected 1 or more"):
        replace(RECIPE, steps=0)


def test_noise_belongs_to_the_row_not_to_the_process():
    one = Turn(3, 4, seed=9).noise(torch.arange(4), (2,))
    other = Turn(3, 4, 1, 2, seed=9).noise(torch.tensor([1, 3]), (2,))
    assert torch.equal(one[1::2], other)


@pytest.mark.parametrize("warm_up", [0.05, 0.5, 2 / 150, 1e-6])
def test_every_number_of_steps_has_a_schedule(warm_up):
    """Torch divides by the length of the rise, which is nothing for 19 steps of which a twentieth rise."""
    for n_steps in (1, 2, 9, 18, 19, 20, 39, 74, 149):
        optimizer = torch.optim.AdamW([torch.zeros(1, requires_grad=True)])
        schedule = one_cycle(optimizer, replace(RECIPE, warm_up=warm_up), n_steps)
        assert 0 < schedule.get_last_lr()[0] <= RECIPE.learning_rate

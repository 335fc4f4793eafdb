"""The numbers of a run, and what is drawn with them."""

from dataclasses import replace

import pytest
import torch

from neuroclips.train.engine.recipe import Turn
from tests.train.engine.line_job import RECIPE


def test_steps_or_epochs():
    assert replace(RECIPE, steps=None, epochs=30).n_steps(480) == 30 * 30
    with pytest.raises(ValueError, match="--epochs"):
        replace(RECIPE, steps=None).n_steps(480)
    with pytest.raises(ValueError, match="neither steps nor epochs"):
        replace(RECIPE, steps=0).n_steps(480)


def test_noise_belongs_to_the_row_not_to_the_process():
    one = Turn(3, 4, seed=9).noise(torch.arange(4), (2,))
    other = Turn(3, 4, 1, 2, seed=9).noise(torch.tensor([1, 3]), (2,))
    assert torch.equal(one[1::2], other)

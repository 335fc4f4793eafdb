"""How a batch is shared between subjects and processes."""

import pytest
import torch

from neuroclips.data.training import ArraysTraining
from neuroclips.train.engine.recipe import Turn
from neuroclips.train.reconstructors.inputs import Inputs
from neuroclips.train.reconstructors.study import Study


def test_a_batch_is_dealt_to_processes_without_rest(few):
    study = Study(ArraysTraining(few / "data"), (1, 2))
    inputs = Inputs(study, {s: study.data.fmri(s) for s in (1, 2)}, mean_repeat=True)
    whole = inputs.draw(Turn(0, 24, seed=5))
    halves = [Turn(0, 24, rank, 2, seed=5) for rank in (0, 1)]
    parts = [half.mine(inputs.draw(half)[2].clips) for half in halves]
    assert sorted(torch.cat(parts).tolist()) == sorted(whole[2].clips.tolist())
    assert len(set(whole[1].clips.tolist())) == 12 and whole[1].clips.max() < 240  # never a validation clip
    with pytest.raises(ValueError, match="got batches of 25 for 2 subjects on 2 processes.*multiple of 4"):
        inputs.draw(Turn(0, 25, 0, 2))

"""How good frozen models are: scores of sentences and classes."""

import torch

from neuroclips.train.demo_zoo.judges import action_of
from neuroclips.train.demo_zoo.scores import accuracy, caption_scores, class_of


def test_scores_of_sentences_and_classes(web):
    _, shots = web
    true = [s.caption for s in shots]
    assert caption_scores(true, shots) == {"noun": 1.0, "scene": 1.0}
    assert caption_scores(["a lamp on the floor"] * 6, shots) == {"noun": 0.0, "scene": 0.0}
    logits = torch.eye(41)[class_of(shots)]
    assert accuracy(logits, class_of(shots)) == 1 and accuracy(-logits, class_of(shots)) == 0
    assert len({action_of(s) for s in shots}) > 1

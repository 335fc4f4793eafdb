"""Train the fusion classifier on neighbouring training clips: python -m neuroclips train --stage fusion."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from neuroclips.ranges import Checked, Weight, Width
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.fusion import FusionConfig
from neuroclips.train.engine.job import Job
from neuroclips.train.engine.recipe import Recipe, Turn
from neuroclips.train.reconstructors.inputs import rows_of
from neuroclips.train.reconstructors.study import Study
from neuroclips.train.spec import RECIPE, SET, STUDY, StageSpec
from neuroclips.train.targets import targets
from neuroclips.zoo import load_part

REACH = 3  # clips: films of 6 s are three of them
KEYFRAME = 3


@dataclass(frozen=True)
class FusionTraining(Checked):
    """Whether two keyframes within 6 s show the same class (section 3.4); all numbers are ours.

    noise : standard deviation of what is added to the unit vectors, for reconstructed keyframes are not true ones.
    """

    hidden_dim: Width = 128
    recipe: Recipe = Recipe(1e-3, 128, steps=1500, weight_decay=0.05, ema=0.99)
    noise: Weight = 0.05


PRESETS = {"paper": FusionTraining(), "demo": FusionTraining()}


class FusionJob(Job):
    best_by = "balanced accuracy"

    def __init__(self, study: Study, config: FusionTraining, out: Path):
        self.study, self.config, self.out = study, config, out
        tokens, clip = targets.tokens(study.data, study.zoo), load_part(study.zoo, "clip")
        n = len(study.all_train) + len(study.validation)
        middle = torch.full((n,), KEYFRAME)
        with torch.no_grad():
            parts = [clip.projected_mean(rows_of(tokens, i, middle[i])).cpu() for i in torch.arange(n).split(256)]
        self.embeddings = torch.cat(parts)  # (n_clips, embed_dim)
        labels = np.array([study.data.label(c) for c in range(n)])
        self.labels = torch.from_numpy(np.unique(labels, return_inverse=True)[1])
        self.classifier = FusionConfig(self.embeddings.shape[1], config.hidden_dim).build()
        self.modules, self.n_samples = {"classifier": self.classifier}, len(study.train)
        self.identity = {"stage": "fusion", "data": study.key}

    def batch(self, turn: Turn) -> dict:
        """Clips at most 6 s apart; noise belongs to the row, so that several processes draw what one draws."""
        one = self.study.train[torch.randint(len(self.study.train) - REACH, (turn.size,), generator=turn.generator)]
        other = one + torch.randint(1, REACH + 1, (turn.size,), generator=turn.generator)
        one, other = turn.mine(one), turn.mine(other)
        noise = turn.noise(turn.mine(torch.arange(turn.size)), (2, self.embeddings.shape[1])).unbind(1)
        pairs = zip(("one", "other"), (self.embeddings[one], self.embeddings[other]), noise, strict=True)
        batch = {name: F.normalize(known + self.config.noise * extra, dim=-1) for name, known, extra in pairs}
        return batch | {"same": (self.labels[one] == self.labels[other]).float()}

    def loss(self, batch: dict) -> Tensor:
        return F.binary_cross_entropy_with_logits(self.classifier(batch["one"], batch["other"]), batch["same"])

    def validate(self) -> dict[str, float]:
        """Accuracy on next neighbours of the validation films; always saying the same has balanced accuracy 0.5."""
        clips = self.study.validation[:-1]
        device = next(self.classifier.parameters()).device
        said = self.classifier(self.embeddings[clips].to(device), self.embeddings[clips + 1].to(device)).cpu() > 0
        same = self.labels[clips] == self.labels[clips + 1]
        right = (said == same).float()
        balanced = (right[same].mean() + right[~same].mean()) / 2
        shares = {"accuracy": right.mean(), "balanced accuracy": balanced, "pairs of one class": same.float().mean()}
        return {name: value.item() for name, value in shares.items()}

    def export(self) -> None:
        weights.save(self.classifier, self.out, self.dtype)


STAGE = StageSpec(
    "fusion",
    lambda given: FusionJob(given.needed_study, given.config, given.out),
    PRESETS,
    role="fusion",
    needs=("clip",),
    options=(*STUDY, *SET, *RECIPE),
)

"""Fit the linear baselines: ridge regression straight to CLIP tokens and to latents, --stage linear --subject 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
import torch

from neuroclips.metrics.retrieval import retrieval_top1
from neuroclips.ranges import Checked
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.linear import LinearConfig, LinearReconstructor
from neuroclips.train.engine.job import Job
from neuroclips.train.engine.memory import refuse_too_large
from neuroclips.train.engine.recipe import Recipe, Solved
from neuroclips.train.reconstructors import ridge
from neuroclips.train.reconstructors.blurry import Blurry
from neuroclips.train.reconstructors.inputs import rows_of
from neuroclips.train.reconstructors.study import Study
from neuroclips.train.spec import STUDY, StageSpec
from neuroclips.train.targets import targets

MIDDLE = 3


@dataclass(frozen=True)
class LinearTraining(Checked):
    """Closed form: there are no steps; the penalty is the best of ridge.PENALTIES on the validation films."""

    recipe: Recipe = Solved()


PRESETS = {"paper": LinearTraining(), "demo": LinearTraining()}


class LinearJob(Job):
    """Both regressions are solved when the job is made; nothing is left to train.

    Tokens are those of the middle frame, which retrieval asks for; latents those of all frames.
    """

    def __init__(self, study: Study, config: LinearTraining, outs: Mapping[int, Path]):
        (subject,) = study.subjects
        self.study, self.subject, self.out, self.modules = study, subject, outs[subject], {}
        self.fmri = study.data.fmri(subject)
        self.tokens = targets.tokens(study.data, study.zoo)[:, MIDDLE]
        mean, _ = targets.mean_token(self.tokens[:, None], study.all_train)
        self.models = {"tokens": self._solve(self.tokens)}
        self.models["latents"] = self._solve(targets.latents(study.data, study.zoo))
        self.models["tokens"].centre.copy_(mean)

    def _solve(self, wanted: np.ndarray) -> LinearReconstructor:
        """wanted : (n_clips, *shape)."""
        refuse_too_large(self.fmri.shape[2] * prod(wanted.shape[1:]), bytes_per_weight=8)  # in numpy and in torch
        flat = np.asarray(wanted, np.float32).reshape(len(wanted), -1)
        penalty = ridge.choose_penalty(self.study, self.fmri, flat)
        weight, bias = ridge.fit(self.fmri, flat, self.study.train, penalty)
        model = LinearConfig(tuple(wanted.shape[1:])).build(self.fmri.shape[2])
        model.ridge.load_state_dict({"weight": torch.from_numpy(weight), "bias": torch.from_numpy(bias)})
        return model

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Retrieval top-1 of the middle frames of the validation clips, and pixel correlation as perception's."""
        model, clips = self.models["tokens"], self.study.validation
        voxels = torch.from_numpy(np.array(self.fmri[clips.numpy()], np.float32)).mean(1)
        truth = rows_of(self.tokens, clips)
        predicted, truth = ((x - model.centre).flatten(1) for x in (model(voxels), truth))
        scores = {"retrieval": retrieval_top1(predicted, truth), "fMRI retrieval": retrieval_top1(truth, predicted)}
        blurry = Blurry(self.study)
        latents = self.models["latents"](voxels[blurry.validated])  # (n, n_frames, channels, h, w)
        return scores | {"pixel correlation": blurry.correlation(latents)}

    def export(self) -> None:
        for name, model in self.models.items():
            weights.save(model, self.out / name, self.dtype, n_voxels=model.n_voxels)


STAGE = StageSpec(
    "linear",
    lambda given: LinearJob(given.needed_study, given.config, given.outs),
    PRESETS,
    role=None,  # a baseline
    needs=("clip", "codec"),
    options=("subject", *STUDY),
)

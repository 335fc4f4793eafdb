"""Train a diffusion prior, once its Semantics Reconstructor is trained: --stage prior --subject 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from neuroclips.effects import Only
from neuroclips.errors import InputError
from neuroclips.metrics.retrieval import retrieval_top1
from neuroclips.noise import seeded
from neuroclips.ranges import Checked, Positive, Weight
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.prior import DiffusionPrior, PriorConfig
from neuroclips.train.engine.distributed import gather
from neuroclips.train.engine.job import Job
from neuroclips.train.engine.recipe import Recipe, Turn
from neuroclips.train.reconstructors import losses
from neuroclips.train.reconstructors.inputs import Inputs, rows_of
from neuroclips.train.reconstructors.projector import frozen_projector
from neuroclips.train.reconstructors.ridge import ridge_features
from neuroclips.train.reconstructors.samples import shown, write_ranks
from neuroclips.train.reconstructors.study import Study
from neuroclips.train.spec import GIVEN, RECIPE, SET, SHOWN, STUDY, Given, StageSpec
from neuroclips.train.targets import targets
from neuroclips.train.targets.encoders import folder_key
from neuroclips.zoo import best_device

SAME_RIDGE = 0.9  # cosine of each component's weights
SAMPLING_STEPS, N_VALIDATED = 10, 96


@dataclass(frozen=True)
class PriorTraining(Checked):
    """Stage two of appendix A: equation 9, plus Reftm (equation 10) on the predicted clean tokens.

    Errors are counted in the variance of the tokens, delta : mu as in equation 4. mean_repeat and out_of_fold are
    ours: brain tokens of training clips also from the mean of both repeats, and from a ridge that never saw the film,
    so that the prior learns to correct the errors it will meet.
    """

    network: PriorConfig = PriorConfig()
    recipe: Recipe = Recipe(3e-4, 64, epochs=150, warm_up=2 / 150, ema=0, clip_grad=None)
    delta: Positive = 30.0  # it weighs the prior's own loss
    mu: Weight = 1.0
    text_temperature: Positive = 0.1
    mean_repeat: bool = False
    out_of_fold: bool = False


PRESETS = {
    "paper": PriorTraining(),
    "demo": PriorTraining(
        PriorConfig(depth=3, heads=4),
        Recipe(1e-3, 96, steps=650, weight_decay=0.05, ema=0.99, validate_every=130),
        mean_repeat=True,
        out_of_fold=True,
    ),
}


def new_prior(config: PriorConfig, mean: Tensor, std: float) -> DiffusionPrior:
    """A prior that standardises tokens by the mean token and the spread of the training films."""
    prior = config.build()
    prior.mean.copy_(mean)
    prior.std.fill_(std)
    return prior


def prior_terms(prior: DiffusionPrior, brain: Tensor, batch: dict, projector, temperature: float) -> dict[str, Tensor]:
    """Equation 9 with x0 prediction and, with a projector, equation 10 on what it predicts, both without weights.

    batch holds target, noise, t and text.
    """
    clean = (batch["target"] - prior.mean) / prior.std
    predicted = prior.predict(prior.scheduler.add_noise(clean, batch["noise"], batch["t"]), batch["t"], brain)
    terms = {"prior": (predicted - clean).square().mean()}
    if projector is not None:
        embedded = gather(projector.to(brain.device)(predicted * prior.std + prior.mean))
        terms["reftm"] = losses.info_nce(embedded, gather(batch["text"]), temperature)
    return terms


class PriorJob(Job):
    """Brain tokens are computed once: the Semantics Reconstructor does not sit beside the training."""

    best_by = "cosine"

    def __init__(self, study: Study, config: PriorTraining, outs: Mapping[int, Path], semantic: Path):
        (subject,) = study.subjects
        self.study, self.config, self.out = study, config, outs[subject]
        self.folder = semantic
        self.targets = targets.tokens(study.data, study.zoo)
        sizes = {"n_tokens": self.targets.shape[2], "clip_dim": self.targets.shape[3]}
        self.prior = new_prior(replace(config.network, **sizes), *targets.mean_token(self.targets, study.all_train))
        self.modules = {"prior": self.prior}
        brain = self._brain_tokens(subject)  # (n_clips, 3, n_tokens * clip_dim)
        self.inputs = Inputs(study, {subject: brain}, config.mean_repeat)
        self.texts = targets.texts(study.data, study.zoo) if config.mu else None
        self.projector = frozen_projector(study.zoo) if config.mu else None
        self.n_samples, self.shape = len(study.train), self.targets.shape[2:]
        self.identity = {
            "stage": "prior",
            "data": study.key,
            "subjects": [subject],
            "semantic": folder_key(self.folder),
        }
        self.identity["network"] = repr(self.prior.config)
        self.beside = {"semantic": folder_key(self.folder)}

    def _brain_tokens(self, subject: int) -> np.ndarray:
        """What the Semantics Reconstructor makes of every training clip: of both repeats and of their mean."""
        model = weights.load(self.folder)
        fmri = self.study.data.fmri(subject)
        if model.n_voxels != fmri.shape[2]:
            raise InputError(
                f"got a reconstructor of {model.n_voxels} voxels in {self.folder}, expected {fmri.shape[2]} of subject "
                f"{subject}: another subject's, or other data"
            )
        low = self._low(model, subject) if self.config.out_of_fold else None
        kind = "voxels" if low is None else f"low{len(self.study.train)}"  # unseen clips have no out-of-fold features
        key, device = f"{kind}_{folder_key(self.folder)}", best_device()

        def encode(clips: range) -> Tensor:
            model.to(device)
            if low is not None:
                three = low[clips.start : clips.stop]  # (n, 3, ridge_dim)
                return model.from_low(three.flatten(0, 1).to(device)).flatten(1).unflatten(0, (-1, 3))
            both = torch.from_numpy(np.array(fmri[clips.start : clips.stop], np.float32))
            three = torch.cat([both, both.mean(1, keepdim=True)], 1)  # (n, 3, n_voxels)
            return model(three.flatten(0, 1).to(device)).flatten(1).unflatten(0, (-1, 3))

        name = f"{self.study.data.name}_{self.study.data.key}_{key}_brain_subject{subject}"
        return targets.encoded(name, len(fmri), lambda: encode)

    def _low(self, model, subject: int) -> Tensor:
        features = ridge_features(self.study, subject, "tokens", self.targets, model.config.ridge_dim)
        same = features.weight.shape == model.ridge.weight.shape
        if not same or cosine_similarity(features.weight, model.ridge.weight, dim=1).min().item() < SAME_RIDGE:
            raise InputError(
                f"{self.folder} has another ridge layer than the closed form of these data: train --stage semantic "
                "again first, or add --set out_of_fold=false"
            )
        return features.low

    def batch(self, turn: Turn) -> dict:
        (subject,) = self.study.subjects
        drawn = self.inputs.draw(turn)[subject]
        clips, rows = turn.mine(drawn.clips), turn.mine(drawn.rows)
        frame = turn.mine(torch.randint(self.targets.shape[1], (turn.size,), generator=turn.generator))
        brain = self.inputs.read(subject, clips, turn.mine(drawn.repeats)).unflatten(1, self.shape)
        t = turn.mine(torch.randint(self.prior.config.n_timesteps, (turn.size,), generator=turn.generator))
        batch = {"brain": brain, "target": rows_of(self.targets, clips, frame), "t": t}
        batch["noise"] = turn.noise(rows, self.shape)
        return batch | ({"text": rows_of(self.texts, clips, frame)} if self.texts is not None else {})

    def loss(self, batch: dict) -> dict[str, Tensor]:
        terms = prior_terms(self.prior, batch["brain"], batch, self.projector, self.config.text_temperature)
        scale = {"prior": 1.0, "reftm": self.config.mu / self.config.delta}
        return {name: scale[name] * term for name, term in terms.items()}

    def validate(self) -> dict[str, float]:
        """Sampled against true tokens of the middle frames of evenly spaced validation clips, both centred."""
        one, other = self._sampled(self.validated), self._truth(self.validated)
        return {"cosine": cosine_similarity(one, other).mean().item(), "retrieval": retrieval_top1(one, other)}

    @property
    def validated(self) -> Tensor:
        """The validation clips that are sampled: evenly spaced ones."""
        return self.study.validation[:: max(1, len(self.study.validation) // N_VALIDATED)]

    def _sampled(self, clips: Tensor) -> Tensor:
        """Centred tokens (n, n_tokens * clip_dim) that the prior makes of the mean of both repeats."""
        (subject,) = self.study.subjects
        brain = self.inputs.read(subject, clips, torch.full_like(clips, 2)).unflatten(1, self.shape)
        seeds = [seeded(0, clip) for clip in clips.tolist()]
        sampled = self.prior.sample(brain.to(self.prior.mean.device), SAMPLING_STEPS, seeds)
        return (sampled - self.prior.mean).flatten(1)

    def _truth(self, clips: Tensor) -> Tensor:
        """Centred tokens of the middle frames."""
        truth = rows_of(self.targets, clips, torch.full_like(clips, 3)).to(self.prior.mean.device)
        return (truth - self.prior.mean).flatten(1)

    def show(self, folder: Path, step: int) -> None:
        """Where the true clip stands among the clips of the validation."""
        pool = self.validated
        asked = shown(len(pool))
        write_ranks(folder, step, self.study.data, pool.tolist(), asked, self._sampled(pool[asked]), self._truth(pool))

    def export(self) -> None:
        weights.save(self.prior, self.out, self.dtype)


def _build(given: Given) -> PriorJob:
    """On the Semantics Reconstructor beside the prior, or else on that of the zoo."""
    study = given.needed_study
    (subject,) = study.subjects
    beside = given.out.parent / "semantic"
    trained = beside if (beside / "config.json").exists() else given.zoo.part("semantic").of(subject).folder
    return PriorJob(study, given.config, given.outs, trained)


STAGE = StageSpec(
    "prior",
    _build,
    PRESETS,
    role="prior",
    needs=("clip", "projector"),
    options=("subject", *STUDY, *SET, *SHOWN, *RECIPE),
    only=(
        *(Only(f"network.{name}", lambda c: False, GIVEN) for name in ("n_tokens", "clip_dim")),
        Only("text_temperature", lambda c: c.mu, "with mu above 0"),
    ),
)

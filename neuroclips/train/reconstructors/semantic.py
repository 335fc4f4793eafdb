"""Train a Semantics Reconstructor: python -m neuroclips train --stage semantic --subject 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from neuroclips.effects import Only
from neuroclips.metrics.retrieval import retrieval_top1
from neuroclips.ranges import Checked, Positive, Weight
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.prior import PriorConfig
from neuroclips.reconstructors.semantic import SemanticConfig
from neuroclips.train.engine.distributed import gather
from neuroclips.train.engine.recipe import Recipe, Turn
from neuroclips.train.reconstructors import losses
from neuroclips.train.reconstructors.inputs import Drawn, rows_of
from neuroclips.train.reconstructors.prior import new_prior, prior_terms
from neuroclips.train.reconstructors.projector import frozen_projector
from neuroclips.train.reconstructors.reconstructor import ReconstructorJob, RidgeLayer
from neuroclips.train.reconstructors.samples import shown, write_ranks
from neuroclips.train.reconstructors.study import Study
from neuroclips.train.spec import GIVEN, RECIPE, SET, SHOWN, STUDY, StageSpec
from neuroclips.train.targets import targets

MIDDLE = 3  # the frame that retrieval asks for


@dataclass(frozen=True)
class SemanticTraining(Checked):
    """BiMixCo (equation 8) on projected tokens, Reftm (equation 10) on those for the prior: stage one of appendix A.

    joint : train the diffusion prior in the same steps by equation 4, L_BiMixCo + delta L_Prior + mu L_Reftm, with
    Reftm on the tokens of the prior. centred : compare tokens after the mean token of the training films is taken away,
    for raw CLIP tokens share a large part; mse : weight of the error of the tokens themselves, in their variance. Both
    are ours. reftm 0.25, temperature 0.006 and beta 0.15, of the distribution of lambda, are from the paper's code.
    Without joint training, Reftm counts mixed samples as BiMixCo does: lambda and 1 - lambda right (ours).
    """

    network: SemanticConfig = SemanticConfig()
    recipe: Recipe = Recipe(3e-4, 240, epochs=30, warm_up=2 / 30, ema=0, clip_grad=None)
    ridge: RidgeLayer = RidgeLayer()
    prior: PriorConfig = PriorConfig()
    contrast: Literal["bimixco", "softclip", "none"] = "bimixco"
    temperature: Positive = 0.006
    beta: Positive = 0.15
    text_temperature: Positive = 0.1
    reftm: Weight = 0.25
    mse: Weight = 0.0
    centred: bool = False
    joint: bool = False
    delta: Positive = 30.0
    mu: Weight = 1.0


PRESETS = {
    "paper": SemanticTraining(),
    "demo": SemanticTraining(
        SemanticConfig(
            ridge_dim=224,
            hidden_dim=512,
            n_blocks=1,
            head_rank=96,
            projector_layers=1,
            dropout=0.3,
            condition="backbone",
        ),
        Recipe(1e-3, 240, steps=900, weight_decay=0.05, ema=0.99),
        RidgeLayer("frozen", mean_repeat=True),
        PriorConfig(depth=3, heads=4),
        temperature=0.05,
        mse=1.0,
        centred=True,
    ),
}


class SemanticJob(ReconstructorJob):
    part, kind, best_by = "semantic", "tokens", "retrieval"

    def __init__(self, study: Study, config: SemanticTraining, outs: Mapping[int, Path], backbone: Path | None = None):
        tokens = targets.tokens(study.data, study.zoo)  # (n_clips, 6, n_tokens, clip_dim)
        sizes = {"n_tokens": tokens.shape[2], "clip_dim": tokens.shape[3]}
        super().__init__(study, outs, replace(config.network, **sizes), config.ridge, tokens, backbone)
        self.config = config
        mean, self.spread = targets.mean_token(tokens, study.all_train)
        with_text = config.mu if config.joint else config.reftm
        self.texts = targets.texts(study.data, study.zoo) if with_text else None
        self.projector = frozen_projector(study.zoo) if with_text else None
        if backbone is None:
            for model in self.models.values():
                model.centre.copy_(mean)
            self._start_from(mean)
        if config.joint:
            self.prior = new_prior(replace(config.prior, **sizes), mean, self.spread)
            self.modules["prior"] = self.prior
        self.identity["joint"] = config.joint

    @torch.no_grad()
    def _start_from(self, mean: Tensor) -> None:
        """A fresh network answers with the mean token, where that is what it is compared with."""
        head = self.first.head
        if self.config.centred:
            (head if isinstance(head, torch.nn.Linear) else head[-1]).bias.copy_(mean.flatten())

    def batch(self, turn: Turn) -> dict:
        drawn, config = self.inputs.draw(turn), self.config
        clips = self.clips(turn, drawn)
        frame = turn.mine(torch.randint(self.targets.shape[1], (turn.size,), generator=turn.generator))
        partner, share = self._mixing(turn, drawn)
        batch: dict[str, Any] = {"target": rows_of(self.targets, clips, frame), "partner": partner, "share": share}
        batch["inputs"] = {str(s): self._mixed(turn, s, d, partner, share) for s, d in drawn.items()}
        if config.mse:
            whole = torch.cat([d.clips for d in drawn.values()])
            other = rows_of(self.targets, whole[turn.mine(partner)], frame)
            batch["mixed"] = losses.mix(batch["target"], other, turn.mine(share))
        if self.texts is not None:
            batch["text"] = rows_of(self.texts, clips, frame)
        if config.joint:
            rows = turn.mine(torch.arange(turn.size))
            batch["clean"] = {
                str(s): self.inputs.read(s, turn.mine(d.clips), turn.mine(d.repeats)) for s, d in drawn.items()
            }
            batch["noise"] = turn.noise(rows, self.targets.shape[2:])
            t = torch.randint(self.prior.config.n_timesteps, (turn.size,), generator=turn.generator)
            batch["t"] = turn.mine(t)
        return batch

    def _mixing(self, turn: Turn, drawn: dict[int, Drawn]) -> tuple[Tensor, Tensor]:
        """Partners within the same subject, and shares, of all rows of all processes."""
        if self.config.contrast != "bimixco":
            return torch.arange(turn.size), torch.ones(turn.size)
        pairs = [losses.draw_mix(len(d.rows), turn.generator, self.config.beta) for d in drawn.values()]
        partners = [d.rows[0] + partner for d, (partner, _) in zip(drawn.values(), pairs, strict=True)]
        return torch.cat(partners), torch.cat([share for _, share in pairs])

    def _mixed(self, turn: Turn, subject: int, drawn: Drawn, partner: Tensor, share: Tensor) -> Tensor:
        """Equation 7 on the inputs of this process: the ridge is linear, so before or after it is the same."""
        mine = turn.mine(torch.arange(len(drawn.rows)))
        x = self.inputs.read(subject, drawn.clips[mine], drawn.repeats[mine])
        if self.config.contrast != "bimixco":
            return x
        other = partner[drawn.rows[mine]] - drawn.rows[0]
        return losses.mix(
            x, self.inputs.read(subject, drawn.clips[other], drawn.repeats[other]), share[drawn.rows[mine]]
        )

    def loss(self, batch: dict) -> dict[str, Tensor]:
        config, terms = self.config, {}
        tokens = self.first.tokens(self.low(batch["inputs"]))
        predicted = tokens[self.first.config.condition]
        flat, wanted = gather(self._flat(tokens["projected"])), gather(self._flat(batch["target"]))
        if config.contrast == "bimixco":
            mixing = batch["partner"], batch["share"]
            terms["bimixco"] = losses.bimixco(flat, wanted, *mixing, config.temperature)
        elif config.contrast == "softclip":
            terms["softclip"] = losses.soft_clip(flat, wanted, config.temperature)
        if config.mse:
            terms["mse"] = config.mse * (predicted - batch["mixed"]).square().mean() / self.spread**2
        if config.joint:
            brain = self.first.from_low(self.low(batch["clean"]))
            scale = {"prior": config.delta, "reftm": config.mu}
            joint = prior_terms(self.prior, brain, batch, self.projector, config.text_temperature)
            terms |= {name: scale[name] * term for name, term in joint.items()}
        elif self.projector is not None:
            embedded, text = gather(self.projector.to(predicted.device)(predicted)), gather(batch["text"])
            reftm = losses.bimixco(embedded, text, batch["partner"], batch["share"], config.text_temperature)
            terms["reftm"] = config.reftm * reftm
        return terms

    def answer(self, low: Tensor) -> Tensor:
        """The tokens that retrieval compares."""
        return self.first.tokens(low)["projected"]

    def _flat(self, tokens: Tensor) -> Tensor:
        return ((tokens - self.first.centre) if self.config.centred else tokens).flatten(1)

    def validate(self) -> dict[str, float]:
        """Retrieval top-1 of the middle frames of the validation clips, mean over subjects, and each subject's."""
        truth, scores = self._truth(), {}
        for subject in self.models:
            predicted = self._flat(self.predict(subject))
            scores[f"retrieval, subject {subject}"] = retrieval_top1(predicted, truth)
            scores[f"fMRI retrieval, subject {subject}"] = retrieval_top1(truth, predicted)
        mean = {name: _mean(scores, name) for name in ("retrieval", "fMRI retrieval")}
        return mean | (scores if len(self.models) > 1 else {})

    def _truth(self) -> Tensor:
        """True tokens of the middle frames of the validation clips, as retrieval compares them."""
        clips = self.study.validation
        return self._flat(rows_of(self.targets, clips, torch.full_like(clips, MIDDLE)).to(self.first.centre.device))

    def show(self, folder: Path, step: int) -> None:
        """Where the true clip stands for some validation clips of the first subject."""
        pool = self.study.validation.tolist()
        asked, predicted = shown(len(pool)), self._flat(self.predict(next(iter(self.models))))
        write_ranks(folder, step, self.study.data, pool, asked, predicted[asked], self._truth())

    def export(self) -> None:
        super().export()
        if self.config.joint:
            for out in self.outs.values():
                weights.save(self.prior, out.parent / "prior", self.dtype)


def _mean(scores: dict[str, float], name: str) -> float:
    found = [v for k, v in scores.items() if k.startswith(f"{name}, ")]
    return sum(found) / len(found)


STAGE = StageSpec(
    "semantic",
    lambda given: SemanticJob(given.needed_study, given.config, given.outs, given.backbone),
    PRESETS,
    role="semantic",
    needs=("clip", "projector"),
    options=("subject", *STUDY, "backbone", *SET, *SHOWN, *RECIPE),
    only=(
        *(Only(f"network.{name}", lambda c: False, GIVEN) for name in ("n_tokens", "clip_dim")),
        *(Only(f"prior.{name}", lambda c: False, GIVEN) for name in ("n_tokens", "clip_dim")),
        *(Only(name, lambda c: c.joint, "with joint=true") for name in ("prior", "delta", "mu")),
        Only("reftm", lambda c: not c.joint, "with joint=false; then mu weighs Reftm"),
        Only("text_temperature", lambda c: c.mu if c.joint else c.reftm, "with Reftm in the loss"),
        Only("beta", lambda c: c.contrast == "bimixco", "with contrast=bimixco"),
        Only("temperature", lambda c: c.contrast != "none", "with a contrast"),
    ),
    shared=True,
)

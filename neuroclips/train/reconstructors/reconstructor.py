"""What training a Perception and a Semantics Reconstructor have in common: ridge layers, subjects, inputs, export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from neuroclips.errors import InputError
from neuroclips.ranges import Checked
from neuroclips.reconstructors import weights
from neuroclips.train.engine.job import Job
from neuroclips.train.engine.memory import refuse_too_large
from neuroclips.train.engine.recipe import Turn
from neuroclips.train.reconstructors.inputs import Drawn, Inputs
from neuroclips.train.reconstructors.ridge import ridge_features
from neuroclips.train.reconstructors.study import Study

Reconstructor: TypeAlias = Any  # of either kind, ours or released: a module with `subject_modules`


@dataclass(frozen=True)
class RidgeLayer(Checked):
    """How the ridge layer comes about (equation 3).

    start : "trained", a linear layer with weight decay from random weights, as in the paper's code; "closed-form", the
    same from the closed-form solution; "frozen", the closed-form solution itself, with the layers above trained on its
    out-of-fold output. The closed form has at most half as many dimensions as there are training clips. mean_repeat :
    also learn from the mean of both repeats, not only from each (ours).
    """

    start: Literal["trained", "closed-form", "frozen"] = "trained"
    mean_repeat: bool = False


class ReconstructorJob(Job):
    """One model per subject; all but the ridge layers is shared between them.

    With `backbone`, the folder of a trained reconstructor, only what belongs to a subject is learnt: a new one joins.
    """

    part: str  # its folder
    kind: str  # of its targets
    modules: dict[str, nn.Module]
    identity: dict[str, object]

    def __init__(
        self,
        study: Study,
        outs: Mapping[int, Path],
        network,
        ridge: RidgeLayer,
        targets: np.ndarray,
        backbone: Path | None = None,
    ):
        self.study, self.outs, self.ridge, self.targets = study, outs, ridge, targets
        trained = weights.load(backbone) if backbone else None
        if trained is not None and type(trained.config) is not type(network):
            raise InputError(
                f"got a {type(trained).__name__} in {backbone}, expected the folder of a {self.part} reconstructor"
            )
        network = trained.config if trained is not None else network
        sizes = {s: study.data.fmri(s).shape[2] for s in study.subjects}
        refuse_too_large(sum(weights.n_parameters(network, n_voxels=n) for n in sizes.values()), bytes_per_weight=4)
        self.models = {s: network.build(n) for s, n in sizes.items()}
        self.first = next(iter(self.models.values()))
        for model in self.models.values():
            _share(trained if trained is not None else self.first, model)
        self.first.requires_grad_(trained is None)
        for model in self.models.values():
            for module in model.subject_modules.values():
                module.requires_grad_(True)
        arrays = {s: self._prepare(s, network.ridge_dim) for s in study.subjects}
        self.inputs = Inputs(study, arrays, ridge.mean_repeat)
        self.modules = {f"subject{s}": model for s, model in self.models.items()}
        self.n_samples = len(study.train) * len(study.subjects)
        self.identity = {"stage": self.part, "data": study.key, "subjects": list(study.subjects)}
        self.identity |= {"n_voxels": [m.n_voxels for m in self.models.values()], "ridge": ridge.start}
        self.identity["network"] = repr(network)

    def _prepare(self, subject: int, ridge_dim: int) -> np.ndarray:
        """Start the ridge layer of a subject; returns what its inputs are drawn from."""
        layer, fmri = self.models[subject].ridge, self.study.data.fmri(subject)
        layer.requires_grad_(self.ridge.start != "frozen")
        if self.ridge.start == "trained":
            return fmri
        features = ridge_features(self.study, subject, self.kind, self.targets, ridge_dim)
        layer.weight.data.copy_(features.weight)
        layer.bias.data.copy_(features.bias)
        return features.low.numpy() if self.ridge.start == "frozen" else fmri

    def low(self, inputs: dict[str, Tensor]) -> Tensor:
        """Inputs by subject to ridge outputs of all rows."""
        if self.ridge.start == "frozen":
            return torch.cat(list(inputs.values()))
        return torch.cat([self.models[int(s)].low(x) for s, x in inputs.items()])

    def clips(self, turn: Turn, drawn: dict[int, Drawn]) -> Tensor:
        """The clips of this process's rows."""
        return torch.cat([turn.mine(d.clips) for d in drawn.values()])

    def predict(self, subject: int) -> Tensor:
        """What the model makes of the validation clips, in parts that fit into memory."""
        model, device = self.models[subject], next(self.first.parameters()).device
        ready = self.ridge.start == "frozen"
        parts = self.inputs.validation(subject).to(device).split(64)
        return torch.cat([self.answer(part if ready else model.low(part)) for part in parts])

    def answer(self, low: Tensor) -> Tensor:
        """Ridge outputs to what is validated."""
        return self.first.from_low(low)

    def export(self) -> None:
        for subject, model in self.models.items():
            weights.save(model, self.outs[subject], self.dtype, n_voxels=model.n_voxels)


def _share(source: Reconstructor, model: Reconstructor) -> None:
    """Give `model` the modules of `source` that do not belong to a subject, themselves, not copies; and its centre."""
    for name, child in source.named_children():
        if name not in model.subject_modules:
            setattr(model, name, child)
    if hasattr(source, "centre"):
        model.centre = source.centre

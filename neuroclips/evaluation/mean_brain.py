"""The mean brain: reconstructors whose semantic one says the mean token of the training films, whatever the voxels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from neuroclips.reconstructors.linear import LinearConfig, LinearReconstructor
from neuroclips.subject_models import SubjectModels

ORIGIN = "the mean token of the training films, kept beside"


def of_mean_brain(models: SubjectModels) -> SubjectModels:
    """The reconstructors of a subject with its semantic one replaced; prior and perception stay.

    It is a linear reconstructor of no weights whose bias is the mean token, (n_tokens, clip_dim).
    """
    semantic: Any = _constant(models.semantic.centre, models.semantic.n_voxels)
    kept = models.origins["semantic"]
    origin = {"from": f"{ORIGIN} {kept['from']}", "sha256": kept["sha256"]}
    return replace(models, semantic=semantic, origins={**models.origins, "semantic": origin})


@torch.no_grad()
def _constant(tokens: torch.Tensor, n_voxels: int) -> LinearReconstructor:
    model = LinearConfig(tuple(tokens.shape)).build(n_voxels).to(tokens.device, tokens.dtype)
    model.ridge.weight.zero_()
    model.ridge.bias.copy_(tokens.flatten())
    model.centre.copy_(tokens)
    return model.eval().requires_grad_(False)

"""Samples as they are decoded, and what of them and of their settings cannot be done: said before a model is loaded."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from neuroclips.errors import InputError
from neuroclips.subject_models import SubjectModels
from neuroclips.types import FmriSample, Settings


def edited(samples: Sequence[FmriSample], settings: Settings) -> list[FmriSample]:
    """Samples after the edits of the settings. Raises InputError for those of several subjects, or of none."""
    batch = [_edited(sample, settings) for sample in samples]
    subjects = sorted({sample.subject for sample in batch})
    if len(subjects) != 1:
        got = ", ".join(map(str, subjects)) or "none"
        raise InputError(f"got samples of subjects {got}, expected samples of one: reconstruct each subject apart")
    return batch


def expect_decodable(samples: Sequence[FmriSample], settings: Settings, models: SubjectModels) -> None:
    """Raises InputError for samples or settings that the reconstructors of their subject cannot follow."""
    voxels_of(samples, models)
    most = models.prior.config.n_timesteps
    if settings.prior_steps > most:
        raise InputError(f"got prior steps {settings.prior_steps}, expected at most {most}, those of its training")


def voxels_of(samples: Sequence[FmriSample], models: SubjectModels) -> Tensor:
    """Voxels (B, n_voxels) of samples of one subject. Raises InputError for other voxels than its reconstructors'."""
    for sample in samples:
        for model in (models.perception, models.semantic):
            if sample.voxels.shape != (model.n_voxels,):
                raise InputError(
                    f"got voxels of shape {tuple(sample.voxels.shape)}, expected ({model.n_voxels},) for subject "
                    f"{sample.subject}: another subject's sample, or other voxels than its reconstructors were trained "
                    "on"
                )
    return torch.stack([sample.voxels for sample in samples])


def _edited(sample: FmriSample, settings: Settings) -> FmriSample:
    for edit in settings.edits:
        sample = edit(sample)
    return sample

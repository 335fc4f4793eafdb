"""Decoders of a new subject: the reconstructors of a known one behind a ridge from the new subject's voxels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from neuroclips.calibration.codes import codes
from neuroclips.calibration.given import Given
from neuroclips.calibration.ridge import HeldOut, Ridge, blocks_of, fit
from neuroclips.calibration.scores import HeldOutScores, held_out_scores
from neuroclips.disk import expect_folder
from neuroclips.errors import InputError
from neuroclips.files import write_json
from neuroclips.reading import refuse_beyond_memory
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.linear import LinearConfig
from neuroclips.subject_models import SubjectModels, load_subject
from neuroclips.zoo import zoo_named

RECORD = "calibration.json"
SHARED = {"semantic": "centre"}  # what of a decoder belongs to the films and not to a subject


@dataclass(frozen=True)
class Calibrated:
    """Decoders of a new subject, and how well their ridges decode what was held out, by role."""

    models: SubjectModels
    like: int
    n_samples: int
    n_voxels: int
    penalties: Mapping[str, float]
    scores: Mapping[str, HeldOutScores]

    def record(self) -> dict:
        """All but the models, as JSON."""
        about = {"like subject": self.like, "samples": self.n_samples, "n_voxels": self.n_voxels}
        scores = {role: asdict(scores) for role, scores in self.scores.items()}
        return {**about, "penalties": dict(self.penalties), "held out": scores}

    def lines(self) -> list[str]:
        """One line for each role, for a page or a terminal."""
        return [
            f"{role:10} {s.identification:.3f} of pairs told apart (chance 0.5, shifted clips {s.shifted:.3f}), "
            f"top-1 {s.top1:.3f} (chance {s.top1_chance:.4f}), correlation {s.correlation:.3f} "
            "(chance 0)"
            for role, s in self.scores.items()
        ]


def calibrate(given: Given, like: int = 1, on_progress: Callable[[str], None] = lambda role: None) -> Calibrated:
    """Fit both ridges of a new subject; the diffusion prior is that of the subject that they are `like`.

    Penalties are chosen by held-out blocks of the same samples, whose scores are told. Raises InputError for decoders
    whose first layers are more than a ridge.
    """
    base = load_subject(zoo_named(), like, None, "cpu")
    blocks, parts = blocks_of(given.places), {}
    for role in ("semantic", "perception"):
        on_progress(role)
        parts[role] = _joined(role, getattr(base, role), given, blocks)
    origins = {role: {"from": f"calibration like subject {like}", "sha256": ""} for role in (*parts, "prior")}
    return Calibrated(
        SubjectModels(parts["perception"][0], parts["semantic"][0], base.prior, origins),
        like,
        len(given.fmri),
        given.fmri.shape[1],
        {role: found.ridge.penalty for role, (_, found, _) in parts.items()},
        {
            role: held_out_scores(found.predicted, truth, given.places, blocks)
            for role, (_, found, truth) in parts.items()
        },
    )


def _joined(role: str, base: Any, given: Given, blocks: np.ndarray) -> tuple[Any, HeldOut, np.ndarray]:
    """A reconstructor of the new voxels, its ridge on held-out blocks, and what that should have given (n, k)."""
    if given.targets:
        return _linear(role, base, given, blocks)
    if set(base.subject_modules) != {"ridge"}:
        raise InputError(f"got a {role} reconstructor with more than a ridge before its layers, expected extend=ridge")
    truth = codes(role, base.config.ridge_dim)[given.places]
    found = fit(given.fmri, truth, blocks)
    model = base.config.build(given.fmri.shape[1])
    kept = {name: value for name, value in base.state_dict().items() if not name.startswith("ridge.")}
    model.load_state_dict(kept, strict=False)
    return _with_ridge(model, found.ridge), found, truth


def _linear(role: str, base: Any, given: Given, blocks: np.ndarray) -> tuple[Any, HeldOut, np.ndarray]:
    """Straight to the arrays that were given, as the linear baseline."""
    shape, wanted = given.targets[role].shape[1:], _shape(role, base)
    if shape != wanted:
        raise InputError(f"got targets of shape {shape} for the {role} reconstructor, expected {wanted} a sample")
    truth = given.targets[role].reshape(len(given.fmri), -1)
    refuse_beyond_memory(Path(role), 4 * 3 * truth.shape[1] * given.fmri.shape[1])
    found = fit(given.fmri, truth, blocks)
    model = LinearConfig(tuple(shape)).build(given.fmri.shape[1])
    if role in SHARED:
        model.centre.copy_(base.centre)
    return _with_ridge(model, found.ridge), found, truth


def _shape(role: str, base: Any) -> tuple[int, ...]:
    """What the role decodes to, a sample."""
    config = base.config
    if role == "semantic":
        return config.n_tokens, config.clip_dim
    return config.n_frames, config.latent_channels, config.latent_side, config.latent_side


def _with_ridge(model: Any, ridge: Ridge) -> Any:
    model.ridge.load_state_dict({"weight": torch.from_numpy(ridge.weight), "bias": torch.from_numpy(ridge.bias)})
    return model.eval().requires_grad_(False)


def save(made: Calibrated, folder: Path, subject: int = 1) -> Path:
    """Write the three reconstructors, for `reconstruct --reconstructors`, and how well they do beside them."""
    home = expect_folder(Path(folder)) / f"subject{subject}"
    models = made.models
    weights.save(models.perception, home / "perception", n_voxels=made.n_voxels)
    weights.save(models.semantic, home / "semantic", n_voxels=made.n_voxels)
    weights.save(models.prior, home / "prior")
    write_json(home / RECORD, made.record())
    return home

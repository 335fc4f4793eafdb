"""Ridge regression in closed form (equation 3), by scikit-learn: the first layer of a reconstructor, and the baselines.

The lower dimension of equation 3 holds the leading principal components of what is decoded, so that each row of the
ridge layer is the regression of one component on the voxels.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass, fields
from functools import partial

import numpy as np
import torch
from sklearn.linear_model import Ridge
from torch import Tensor

from neuroclips.errors import InputError
from neuroclips.files import save_arrays
from neuroclips.kept import kept_file
from neuroclips.paths import cache_dir
from neuroclips.reading import read_arrays
from neuroclips.train.reconstructors.study import Study

PENALTIES = (0.3, 1.0, 3.0, 10.0)
N_FOLDS = 4


@dataclass(frozen=True)
class RidgeFeatures:
    """A fitted ridge and what it gives of every training clip, (n_clips, 3, ridge_dim): both repeats and their mean.

    Features of a clip come from a ridge that never saw its film (with fewer than four films, its minute), so what is
    trained on them sees the noise that it will meet at test time.
    """

    weight: Tensor  # (ridge_dim, n_voxels)
    bias: Tensor  # (ridge_dim,)
    low: Tensor
    penalty: float


def ridge_features(study: Study, subject: int, kind: str, targets: np.ndarray, ridge_dim: int) -> RidgeFeatures:
    """Fit, or read from the cache folder what was fitted: every stage of a subject works on the same ridge.

    kind names the targets, tokens or latents; targets : (n_clips, 6, ...). Tokens are averaged over a clip's frames.
    """
    fmri = study.data.fmri(subject)
    parts = (study.key, kind, ridge_dim, targets.shape, len(study.train))
    digest = hashlib.sha256(repr(parts).encode())
    for array in (fmri[:: max(1, len(fmri) // 50)], targets[:: max(1, len(targets) // 50)]):
        digest.update(np.ascontiguousarray(array).tobytes())
    path = cache_dir("targets") / f"ridge_{kind}_subject{subject}_{digest.hexdigest()[:12]}.npz"

    def make() -> None:
        wanted = np.stack([_flat(targets[i], kind) for i in range(len(targets))])
        save_arrays(path, **_fit_features(study, fmri, torch.from_numpy(wanted), ridge_dim))

    stored = kept_file(path, make, partial(read_arrays, names=[field.name for field in fields(RidgeFeatures)]))
    penalty = float(stored.pop("penalty"))
    return RidgeFeatures(**{name: torch.from_numpy(array) for name, array in stored.items()}, penalty=penalty)


def codes(study: Study, kind: str, targets: np.ndarray, ridge_dim: int) -> np.ndarray:
    """What the ridge of every subject maps to, (n_clips, ridge_dim); see `ridge_features` for kind and targets."""
    return _projected(study, torch.from_numpy(np.stack([_flat(target, kind) for target in targets])), ridge_dim).numpy()


def _projected(study: Study, targets: Tensor, ridge_dim: int) -> Tensor:
    """targets : (n_clips, d); to (n_clips, ridge_dim)."""
    films = study.all_train  # the components are those of the films, however much of them a subject has seen
    components = principal_components(targets[films][::2], ridge_dim)
    projected = (targets - targets[films].mean(0)) @ components.T
    return projected / projected[films].std(0).mean()


def _flat(target: np.ndarray, kind: str) -> np.ndarray:
    target = target.astype(np.float32)
    return (target.mean(0) if kind == "tokens" else target).reshape(-1)


def _fit_features(study: Study, fmri: np.ndarray, targets: Tensor, ridge_dim: int) -> dict[str, np.ndarray]:
    """targets : (n_clips, d)."""
    projected = _projected(study, targets, ridge_dim)
    penalty = choose_penalty(study, fmri, projected.numpy())
    low = np.zeros((len(fmri), 3, ridge_dim), np.float32)
    groups = study.groups()
    for fold in range(N_FOLDS):
        held = study.train[groups % N_FOLDS == fold]
        _give(low, fmri, held, fit(fmri, projected.numpy(), study.train[groups % N_FOLDS != fold], penalty))
    whole = fit(fmri, projected.numpy(), study.train, penalty)
    _give(low, fmri, study.validation, whole)
    weight, bias = whole
    return {"weight": weight, "bias": bias, "low": low, "penalty": np.array(penalty, np.float32)}


def _give(low: np.ndarray, fmri: np.ndarray, clips: Tensor, ridge: tuple[np.ndarray, np.ndarray]) -> None:
    weight, bias = ridge
    both = fmri[clips.numpy()].astype(np.float32)  # (n, 2, n_voxels)
    low[clips.numpy()] = np.concatenate([both, both.mean(1, keepdims=True)], 1) @ weight.T + bias


def fit(fmri: np.ndarray, targets: np.ndarray, clips: Tensor, penalty: float) -> tuple[np.ndarray, np.ndarray]:
    """Weight (k, n_voxels) and bias (k,) of W = (X'X + penalty n I)^-1 X'Y; both repeats are samples of their own."""
    x = fmri[clips.numpy()].astype(np.float32).reshape(2 * len(clips), -1)
    y = targets[clips.numpy()].repeat(2, 0)
    solved = Ridge(alpha=penalty * len(x), solver="cholesky").fit(x, y)
    return solved.coef_.astype(np.float32), solved.intercept_.astype(np.float32)


def choose_penalty(study: Study, fmri: np.ndarray, targets: np.ndarray) -> float:
    """The penalty with the least error on the validation films."""
    held = study.validation.numpy()
    voxels, errors = fmri[held].astype(np.float32).mean(1), {}
    for penalty in PENALTIES:
        weight, bias = fit(fmri, targets, study.train, penalty)
        errors[penalty] = np.square(voxels @ weight.T + bias - targets[held]).mean()
    best = min(errors, key=errors.__getitem__)
    share = errors[best] / targets[held].var()
    print(f"ridge penalty {best} of {PENALTIES}, validation error {share:.3f} of variance", file=sys.stderr)
    return best


def principal_components(targets: Tensor, k: int) -> Tensor:
    """(k, d) leading orthonormal directions of targets (n, d), from the (n, n) Gram matrix; signs are fixed."""
    if k > min(targets.shape) - 1:
        raise InputError(
            f"got ridge_dim {k}, expected at most {min(targets.shape) - 1} for a closed form of these films: add --set "
            f"network.ridge_dim={min(targets.shape) - 1}, or train on more films"
        )
    centred = (targets - targets.mean(0)).double()
    values, vectors = torch.linalg.eigh(centred @ centred.T)
    directions = (vectors[:, -k:].flip(1).T @ centred) / values[-k:].flip(0).clamp(min=1e-9).sqrt()[:, None]
    signs = directions.gather(1, directions.abs().argmax(1, keepdim=True)).sign()
    return (directions * signs).float()

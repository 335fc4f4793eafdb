"""Targets and inputs of the reconstructors: CLIP tokens and latents of the training films, and ridge features.

Films 16 and 17 are the validation films. Ridge features of a training film come from a ridge that never saw that
film, so what is trained on top of them sees the noise that it will meet at test time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from neuroclips.data.simulated import VALIDATION_FILMS, is_made, training_fmri
from neuroclips.paths import cache_dir
from neuroclips.pretrained.clip import OpenClip
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.reconstructors.layers import ridge_solution
from neuroclips.simulation import films, shots
from neuroclips.simulation.simulate import simulate
from neuroclips.train.latents import save_tensor, weights_key

N_FRAMES = 6  # 3 fps
N_FILMS = shots.FILM_COUNT["train"]
TRAIN_FILMS = tuple(f for f in range(N_FILMS) if f not in VALIDATION_FILMS)
PENALTIES = (0.3, 1.0, 3.0, 10.0)
N_FOLDS = 4


@torch.no_grad()
def _encode_films(name: str, folder: Path, encode) -> Tensor:
    """Apply `encode` to the frames of every training film: (18, 240, 6, ...), kept in the cache folder."""
    path = cache_dir("targets") / f"{name}_{weights_key(folder)}.pt"
    if not path.exists():
        parts = []
        for film in tqdm(range(N_FILMS), desc=f"{name} of the training films"):
            frames = np.stack([films.clip_frames("train", film, tr, N_FRAMES) for tr in range(shots.N_TR)])
            pixels = torch.from_numpy(frames).flatten(0, 1).permute(0, 3, 1, 2).float() / 255
            parts.append(torch.cat([encode(p) for p in pixels.split(96)]).unflatten(0, (shots.N_TR, N_FRAMES)).half())
        save_tensor(torch.stack(parts), path)
    return torch.load(path, weights_only=True)


def film_tokens(zoo_dir: Path) -> Tensor:
    """CLIP image tokens (18, 240, 6, n_tokens, clip_dim)."""
    clip = OpenClip.from_pretrained(zoo_dir / "clip")
    return _encode_films("tokens", zoo_dir / "clip", clip.image_tokens)


def film_latents(zoo_dir: Path) -> Tensor:
    """Scaled latents (18, 240, 6, 4, h, w)."""
    codec = LatentCodec.from_pretrained(zoo_dir / "codec")
    return _encode_films("latents", zoo_dir / "codec", codec.encode)


def film_captions() -> list[str]:
    """The captions of the training clips, in order: what BLIP-2 says of ground-truth keyframes in the paper."""
    return [shots.clip_caption("train", f, tr) for f in range(N_FILMS) for tr in range(shots.N_TR)]


def principal_components(targets: Tensor, k: int) -> Tensor:
    """(k, d) leading orthonormal directions of targets (n, d), from the (n, n) Gram matrix; signs are fixed."""
    centred = (targets - targets.mean(0)).double()
    values, vectors = torch.linalg.eigh(centred @ centred.T)
    directions = (vectors[:, -k:].flip(1).T @ centred) / values[-k:].flip(0).clamp(min=1e-9).sqrt()[:, None]
    signs = directions.gather(1, directions.abs().argmax(1, keepdim=True)).sign()
    return (directions * signs).float()


@dataclass(frozen=True)
class RidgeFeatures:
    """A fitted ridge and the features that it gives to what is trained on top.

    low : (18, 240, 3, ridge_dim) for the first repeat, the second, and their mean; out of fold for training films.
    """

    weight: Tensor  # (ridge_dim, n_voxels)
    bias: Tensor  # (ridge_dim,)
    low: Tensor
    penalty: float


def features(subject: int, name: str, zoo_dir: Path, ridge_dim: int) -> RidgeFeatures:
    """Ridge features towards the tokens of a clip's mean frame ("tokens") or its latents ("latents").

    Kept in the cache folder, so that every stage of a subject works on the same ridge.
    """
    if not is_made(subject):
        simulate([subject])
    fmri = training_fmri(subject)  # (18, 240, 2, n_voxels)
    zoo_key = weights_key(zoo_dir / {"tokens": "clip", "latents": "codec"}[name])
    key = hashlib.sha256(zoo_key.encode() + np.ascontiguousarray(fmri[::6]).tobytes()).hexdigest()[:12]
    path = cache_dir("targets") / f"ridge_{name}_subject{subject}_{ridge_dim}_{key}.pt"
    if not path.exists():
        targets = film_tokens(zoo_dir).float().mean(2) if name == "tokens" else film_latents(zoo_dir)
        save_tensor(vars(_fit_features(fmri, targets.flatten(2).float(), ridge_dim)), path)
    return RidgeFeatures(**torch.load(path, weights_only=True))


def _fit_features(fmri: np.ndarray, targets: Tensor, ridge_dim: int) -> RidgeFeatures:
    """targets : (18, 240, d)."""
    voxels = torch.from_numpy(fmri.astype(np.float32))
    voxels = torch.cat([voxels, voxels.mean(2, keepdim=True)], 2)  # (18, 240, 3, n_voxels)
    train, validation = list(TRAIN_FILMS), list(VALIDATION_FILMS)
    components = principal_components(targets[train].flatten(0, 1)[::2], ridge_dim)
    projected = (targets - targets[train].mean((0, 1))) @ components.T  # (18, 240, ridge_dim)
    projected = projected / projected[train].std((0, 1)).mean()
    penalty = _choose_penalty(voxels, projected)
    low = torch.empty(*voxels.shape[:3], ridge_dim)
    for fold in range(N_FOLDS):
        held = train[fold::N_FOLDS]
        weight, bias = _fit(voxels, projected, [f for f in train if f not in held], penalty)
        low[held] = voxels[held] @ weight.T + bias
    weight, bias = _fit(voxels, projected, train, penalty)
    low[validation] = voxels[validation] @ weight.T + bias
    return RidgeFeatures(weight, bias, low, penalty)


def _fit(voxels: Tensor, targets: Tensor, films_: list[int], penalty: float) -> tuple[Tensor, Tensor]:
    """Both repeats are samples of their own, as in the paper."""
    x = voxels[films_][:, :, :2].flatten(0, 2)
    y = targets[films_].repeat_interleave(2, 1).flatten(0, 1)
    return ridge_solution(x, y, penalty)


def _choose_penalty(voxels: Tensor, targets: Tensor) -> float:
    """The penalty with the least error on the validation films."""
    validation, errors = list(VALIDATION_FILMS), {}
    for penalty in PENALTIES:
        weight, bias = _fit(voxels, targets, list(TRAIN_FILMS), penalty)
        errors[penalty] = (voxels[validation][:, :, 2] @ weight.T + bias - targets[validation]).square().mean()
    best = min(errors, key=errors.get)
    print(f"ridge penalty {best} of {PENALTIES}, validation error {errors[best] / targets[validation].var():.3f}")
    return best


def draw_clips(batch: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """`batch` random clips of the films that are trained on: film numbers and TRs."""
    film = torch.tensor(TRAIN_FILMS)[torch.randint(len(TRAIN_FILMS), (batch,), generator=generator)]
    return film, torch.randint(shots.N_TR, (batch,), generator=generator)


def draw_low(low: Tensor, film: Tensor, tr: Tensor, generator: torch.Generator) -> Tensor:
    """Ridge features (B, ridge_dim) of one repeat, the other or their mean, at random."""
    return low[film, tr, torch.randint(low.shape[2], (len(film),), generator=generator)]

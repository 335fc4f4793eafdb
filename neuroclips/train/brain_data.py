"""Targets and inputs of the reconstructors: CLIP tokens and latents of the training films, and ridge features.

Films 16 and 17 are the validation films. Ridge features of a training film come from a ridge that never saw that
film, so what is trained on top of them sees the noise that it will meet at test time.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from neuroclips.data.simulated import VALIDATION_FILMS, training_fmri
from neuroclips.paths import cache_dir
from neuroclips.pretrained.clip import OpenClip
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.reconstructors.layers import SubjectRidge, ridge_solution
from neuroclips.simulation import films
from neuroclips.simulation.simulate import simulate
from neuroclips.train.latents import weights_key

N_FRAMES = 6  # 3 fps
N_FILMS = films.FILM_COUNT["train"]
TRAIN_FILMS = tuple(f for f in range(N_FILMS) if f not in VALIDATION_FILMS)
PENALTIES = (0.03, 0.1, 0.3, 1.0)


@torch.no_grad()
def _encode_films(name: str, folder: Path, encode) -> Tensor:
    """Apply `encode` to the frames of every training film: (18, 240, 6, ...), kept in the cache folder."""
    path = cache_dir("targets") / f"{name}_{weights_key(folder)}.pt"
    if not path.exists():
        parts = []
        for film in tqdm(range(N_FILMS), desc=f"{name} of the training films"):
            frames = np.stack([films.clip_frames("train", film, tr, N_FRAMES) for tr in range(films.N_TR)])
            pixels = torch.from_numpy(frames).flatten(0, 1).permute(0, 3, 1, 2).float() / 255
            parts.append(torch.cat([encode(p) for p in pixels.split(96)]).unflatten(0, (films.N_TR, N_FRAMES)).half())
        torch.save(torch.stack(parts), path)
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
    return [films.clip_caption("train", f, tr) for f in range(N_FILMS) for tr in range(films.N_TR)]


def principal_components(targets: Tensor, k: int) -> Tensor:
    """(k, d) leading directions of targets (n, d), scaled so that projections have the targets' variance."""
    centred = targets - targets.mean(0)
    _, _, v = torch.svd_lowrank(centred, q=min(k + 16, min(centred.shape)), niter=3)
    return v[:, :k].T.contiguous()


class RidgeFeatures:
    """A fitted ridge and the features it gives to what is trained on top.

    low : (18, 240, 3, ridge_dim) for the first repeat, the second, and their mean; out of fold for training films.
    """

    def __init__(self, subject: int, targets: Tensor, ridge_dim: int):
        simulate([subject])  # makes what is not in the cache yet
        fmri = torch.from_numpy(training_fmri(subject).astype(np.float32))  # (18, 240, 2, V)
        voxels = torch.cat([fmri, fmri.mean(2, keepdim=True)], 2)
        train = list(TRAIN_FILMS)
        flat = targets.flatten(2).float()  # (18, 240, d)
        components = principal_components(flat[train].flatten(0, 1)[::2], ridge_dim)
        projected = (flat - flat[train].mean((0, 1))) @ components.T  # (18, 240, k)
        self.scale = projected[train].std((0, 1)).mean()
        projected = projected / self.scale
        self.penalty = self._choose(voxels, projected)
        self.low = torch.empty(*voxels.shape[:3], ridge_dim)
        for fold in range(4):
            held = [f for i, f in enumerate(train) if i % 4 == fold]
            weight, bias = self._fit(voxels, projected, [f for f in train if f not in held])
            self.low[held] = voxels[held] @ weight.T + bias
        weight, bias = self._fit(voxels, projected, train)
        validation = list(VALIDATION_FILMS)
        self.low[validation] = voxels[validation] @ weight.T + bias
        self.ridge = SubjectRidge(voxels.shape[-1], ridge_dim)
        self.ridge.weight.copy_(weight)
        self.ridge.bias.copy_(bias)

    def _fit(self, voxels: Tensor, targets: Tensor, chosen: list[int], penalty: float | None = None):
        """Both repeats are samples of their own, as in the paper."""
        x = voxels[chosen][:, :, :2].flatten(0, 2)
        y = targets[chosen].repeat_interleave(2, 1).flatten(0, 1)
        return ridge_solution(x, y, penalty or self.penalty)

    def _choose(self, voxels: Tensor, targets: Tensor) -> float:
        """The penalty with the least error on the validation films."""
        validation, errors = list(VALIDATION_FILMS), {}
        for penalty in PENALTIES:
            weight, bias = self._fit(voxels, targets, list(TRAIN_FILMS), penalty)
            errors[penalty] = (voxels[validation][:, :, 2] @ weight.T + bias - targets[validation]).square().mean()
        best = min(errors, key=errors.get)
        print(f"ridge penalty {best} of {PENALTIES}, validation error {errors[best] / targets[validation].var():.3f}")
        return best


@lru_cache(maxsize=1)
def features(subject: int, name: str, zoo_dir: Path, ridge_dim: int) -> RidgeFeatures:
    """Ridge features towards the tokens of a clip's mean frame ("tokens") or its latents ("latents")."""
    targets = film_tokens(zoo_dir).float().mean(2) if name == "tokens" else film_latents(zoo_dir)
    return RidgeFeatures(subject, targets, ridge_dim)


def draw_clips(films_: tuple[int, ...], batch: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """`batch` random clips of the given films: film numbers and TRs."""
    film = torch.tensor(films_)[torch.randint(len(films_), (batch,), generator=generator)]
    return film, torch.randint(films.N_TR, (batch,), generator=generator)


def draw_low(low: Tensor, film: Tensor, tr: Tensor, generator: torch.Generator) -> Tensor:
    """Ridge features (B, ridge_dim) of one repeat, the other or their mean, at random."""
    return low[film, tr, torch.randint(low.shape[2], (len(film),), generator=generator)]

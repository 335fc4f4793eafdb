"""Brain tokens of all test clips of a subject beside the CLIP tokens that they should be, for what needs no films."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from neuroclips.data.base import FmriDataset
from neuroclips.evaluation.intervals import stretches
from neuroclips.reconstructors import weights
from neuroclips.zoo import Zoo, load_part

BLOCK = 30  # clips that are drawn together: a minute


@dataclass(frozen=True)
class Tokens:
    """Of n test clips, each less the mean token of the training films.

    predicted, true : float32 (n, n_tokens * clip_dim); true are those of the middle frame, the keyframe that is
    retrieved. films, blocks : (n,), the run and the minute that a clip is of.
    """

    predicted: np.ndarray
    true: np.ndarray
    films: np.ndarray
    blocks: np.ndarray

    def __len__(self) -> int:
        return len(self.true)


def tokens_of(zoo: Zoo, data: FmriDataset, subject: int) -> Tokens:
    """Brain tokens as retrieval compares them (appendix C.6), from the samples of a dataset."""
    model = weights.load(zoo.part("semantic").of(subject).folder)
    voxels = torch.stack([data.sample(subject, clip).voxels for clip in range(data.info.n_clips)])
    true = true_tokens(zoo, data)  # type: ignore[arg-type]  # datasets are hashable
    with torch.no_grad():
        predicted, wanted = (flat(x - model.centre) for x in (model.projected(voxels), true))
    return Tokens(predicted, wanted, *runs_of(data))


def runs_of(data: FmriDataset) -> tuple[np.ndarray, np.ndarray]:
    """Run and minute (n_clips,) of every test clip."""
    films = np.arange(data.info.n_clips) // data.info.clips_per_run
    return films, stretches(films, BLOCK)


@lru_cache(maxsize=2)
@torch.no_grad()
def true_tokens(zoo: Zoo, data: FmriDataset) -> Tensor:
    """CLIP tokens (n_clips, n_tokens, clip_dim) of the frame in the middle of each test clip."""
    clip, frames = load_part(zoo, "clip"), middle_frames(data, tuple(range(data.info.n_clips)))  # type: ignore[arg-type]
    return torch.cat([clip.image_tokens(part).cpu() for part in frames.split(64)])


@lru_cache(maxsize=2)
def middle_frames(data: FmriDataset, clips: tuple[int, ...]) -> Tensor:
    """(n, 3, H, W) in [0, 1] of test clips: the second of two frames begins in the middle."""
    return torch.stack([data.stimulus(clip, 2)[1] for clip in clips])


def flat(tokens: Tensor) -> np.ndarray:
    """(n, n_tokens, clip_dim) as (n, n_tokens * clip_dim) on the CPU."""
    return tokens.flatten(1).float().cpu().numpy()

"""Scores of the precomputed films of a subject beside floors and chance, and keyframe retrieval."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch

from neuroclips import precomputed
from neuroclips.data.base import check
from neuroclips.data.registry import load_dataset
from neuroclips.errors import MissingError
from neuroclips.metrics.retrieval import retrieval_top1
from neuroclips.metrics.scores import ScoredBeside, mean, read
from neuroclips.pipeline import load_pipeline
from neuroclips.zoo import load_part, zoo_named


@torch.no_grad()
def retrieval(subject: int, swapped: bool = False) -> float:
    """Keyframe retrieval, top-1 of all shipped clips (paper, appendix C.6); chance is 1 / n_clips.

    Brain tokens are compared with the CLIP tokens of the middle frame, both less the mean token of the training films.
    `swapped` gives every clip the fMRI of another: the control that must fall to chance.
    """
    data, models = load_dataset("swapped" if swapped else "simulated"), load_pipeline().subjects(subject)
    clips = range(data.info.n_clips)
    voxels = torch.stack([data.sample(subject, c).voxels for c in clips])
    centre = models.semantic.centre  # the mean token of the training films
    predicted, truth = models.semantic.projected(voxels.to(centre.device)), _middle_frame_tokens().to(centre.device)
    return retrieval_top1((predicted - centre).flatten(1), (truth - centre).flatten(1))


@cache
@torch.no_grad()
def _middle_frame_tokens() -> torch.Tensor:
    """CLIP tokens (n_clips, n_tokens, clip_dim) of the middle frame of every shipped clip: what is retrieved."""
    data = load_dataset()
    frames = torch.stack([data.stimulus(c, 6)[3] for c in range(data.info.n_clips)])
    return load_part(zoo_named(), "clip").image_tokens(frames)


@dataclass(frozen=True)
class Retrieval:
    """Keyframe retrieval, top-1 of `of` clips, beside its control and its chance."""

    of: int
    top1: float
    swapped: float  # the same with the fMRI of other clips
    chance: float


@dataclass(frozen=True)
class Evaluation:
    """What is known of one subject: mean scores of the precomputed clips, and keyframe retrieval."""

    clips: int
    scores: ScoredBeside
    retrieval: Retrieval

    def lines(self) -> list[str]:
        """One line for each score, for a terminal."""
        head, found = f"{'mean of':22} {self.clips} precomputed clips", self.retrieval
        lines = [
            f"{about.title:22} {value:7.4f}   (flat colour {flat:.4f}{about.beside})"
            for about, value, flat in self.scores.rows()
        ]
        last = f"(swapped fMRI {found.swapped:.4f}, chance {found.chance:.4f})"
        return [head, *lines, f"{f'retrieval top-1 of {found.of}':22} {found.top1:7.4f}   {last}"]


def evaluate(subject: int) -> Evaluation:
    """Mean scores of the precomputed clips beside the flat-colour floor, and retrieval beside its control."""
    check(load_dataset().info, subject)
    scored = [s for summary in precomputed.load_all(subject) if (s := read(summary["scores"]))]
    if not scored:
        raise MissingError(f"nothing precomputed for subject {subject}: run python -m neuroclips precompute")
    n_clips = load_dataset().info.n_clips
    found = Retrieval(n_clips, retrieval(subject), retrieval(subject, swapped=True), 1 / n_clips)
    return Evaluation(len(scored), mean(scored), found)

"""All scores of one reconstruction, next to those of a flat-colour frame, which knows nothing but the mean colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from neuroclips.metrics.pixel import flat_frames, psnr, ssim
from neuroclips.metrics.semantic import n_way_accuracy
from neuroclips.metrics.temporal import clip_pcc


class ImageEmbedder(Protocol):
    def image_embeddings(self, pixels: Tensor) -> Tensor: ...


@dataclass(frozen=True)
class Judges:
    """The frozen models behind the semantic scores."""

    frame: torch.nn.Module
    video: torch.nn.Module
    clip: ImageEmbedder


N_SCORED = 6  # frames per clip: 3 fps (paper, section 5)


def at_3_fps(video: Tensor) -> Tensor:
    """The N_SCORED frames of (n, 3, H, W) nearest in time to 3 fps."""
    return video[(torch.arange(N_SCORED) * len(video) / N_SCORED).round().long()]


@torch.no_grad()
def evaluate(video: Tensor, truth: Tensor, judges: Judges) -> dict[str, float]:
    """Scores of a video (n, 3, H, W) against the true frames (n, 3, H, W), both at 8 fps; judged at 3 fps."""
    frames, true_frames = at_3_fps(video), at_3_fps(truth)
    return {
        "ssim": ssim(frames, true_frames),
        "psnr": psnr(frames, true_frames),
        "frame 2-way": n_way_accuracy(judges.frame(frames), judges.frame(true_frames), 2).mean().item(),
        "video 2-way": n_way_accuracy(judges.video(video[None]), judges.video(truth[None]), 2).item(),
        "clip-pcc": clip_pcc(judges.clip.image_embeddings(frames)),
    }


def floor(truth: Tensor, judges: Judges) -> dict[str, float]:
    """The same scores for a flat frame of the truth's mean colour."""
    return evaluate(flat_frames(truth), truth, judges)

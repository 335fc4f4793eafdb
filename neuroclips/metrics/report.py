"""All scores of one reconstruction, next to those of a flat-colour frame, which knows nothing but the mean colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from neuroclips.metrics.frames import scored_frames
from neuroclips.metrics.pixel import flat_frames, psnr, ssim
from neuroclips.metrics.scores import ScoredBeside, Scores
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


@torch.no_grad()
def evaluate(video: Tensor, truth: Tensor, judges: Judges) -> Scores:
    """Scores of a video (n, 3, H, W) against the true frames (m, 3, h, w) of the same 2 s, each at a rate of its own.

    Six frames of each, those nearest in time to 3 fps, are all that any judge or score sees, the video judge included.
    Frames of another size than the true ones are brought to theirs.
    """
    true_frames = truth[scored_frames(len(truth))]
    frames = _sized_as(video[scored_frames(len(video))], true_frames)
    return Scores(
        ssim=ssim(frames, true_frames),
        psnr=psnr(frames, true_frames),
        frame_2_way=n_way_accuracy(judges.frame(frames), judges.frame(true_frames), 2).mean().item(),
        video_2_way=n_way_accuracy(judges.video(frames[None]), judges.video(true_frames[None]), 2).item(),
        clip_pcc=clip_pcc(judges.clip.image_embeddings(frames)),
    )


def floor(truth: Tensor, judges: Judges) -> Scores:
    """The same scores for a flat frame of the truth's mean colour."""
    return evaluate(flat_frames(truth), truth, judges)


def beside_floor(video: Tensor, truth: Tensor, judges: Judges) -> ScoredBeside:
    """The scores of a video and of a flat frame against the same true frames; shapes are those of `evaluate`."""
    return ScoredBeside(evaluate(video, truth, judges), floor(truth, judges))


def _sized_as(frames: Tensor, truth: Tensor) -> Tensor:
    """Frames (n, 3, H, W) at the size of true ones (m, 3, h, w), untouched where they have it."""
    if frames.shape[-2:] == truth.shape[-2:]:
        return frames
    return F.interpolate(frames, truth.shape[-2:], mode="bilinear", antialias=True, align_corners=False)

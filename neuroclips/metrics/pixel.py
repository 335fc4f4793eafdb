"""Pixel-level scores of frames (paper, section 4.3); both go up with likeness. Frames may lie on an accelerator."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from neuroclips.errors import InputError
from neuroclips.metrics.structure import ssim_of_films


def ssim(video: Tensor, truth: Tensor) -> float:
    """Mean structural similarity in [-1, 1] of frames (n, 3, H, W) in [0, 1]: RGB, in windows of 7 x 7 that weigh all
    pixels the same. Raises InputError where the shapes differ."""
    _expect_alike(video, truth)
    one, other = (frames.cpu().float().numpy()[None] for frames in (video, truth))
    return ssim_of_films(one, other, "colour").item()


def psnr(video: Tensor, truth: Tensor) -> float:
    """Mean peak signal-to-noise ratio [dB] of frames (n, 3, H, W) in [0, 1].

    Infinite as soon as one frame equals its truth to the last bit. Raises InputError where the shapes differ.
    """
    _expect_alike(video, truth)
    error = (video.cpu().double() - truth.cpu().double()).square().mean((1, 2, 3))  # (n,)
    return (-10 * error.log10()).mean().item()


def pixel_correlation(frames: Tensor, truth: Tensor) -> float:
    """Mean Pearson correlation in [-1, 1] of all values of frames (n, 3, H, W); frames of one grey are left out."""
    a, b = (x.flatten(1) - x.flatten(1).mean(1, keepdim=True) for x in (frames, truth))
    return float(((a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1))).nanmean())


def edge_strength(frames: Tensor) -> float:
    """Mean absolute difference of neighbouring values of frames (..., 3, H, W): how sharp they are."""
    return (frames.diff(dim=-1).abs().mean() + frames.diff(dim=-2).abs().mean()).item() / 2


def flat_frames(truth: Tensor) -> Tensor:
    """The floor of pixel scores: every frame replaced by the mean colour of all of them, (n, 3, H, W)."""
    return truth.mean((0, 2, 3), keepdim=True).expand_as(truth)


def flat_frame(truth: np.ndarray) -> np.ndarray:
    """The same floor of a film in bytes, uint8 (n, 3, H, W), as it would be in a file: one frame (1, 3, H, W)."""
    colour = truth.mean((0, 2, 3), keepdims=True).round().astype(np.uint8)
    return np.broadcast_to(colour, (1, *truth.shape[1:])).copy()


def _expect_alike(video: Tensor, truth: Tensor) -> None:
    if video.shape != truth.shape:
        raise InputError(
            f"got frames of shape {tuple(video.shape)}, expected {tuple(truth.shape)}, that of the true ones: pick the "
            "same moments and resize"
        )

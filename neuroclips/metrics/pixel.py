"""Pixel-level scores of frames (paper, section 4.3); both go up with likeness. Frames may lie on an accelerator."""

from __future__ import annotations

import numpy as np
from skimage.metrics import structural_similarity
from torch import Tensor

from neuroclips.errors import InputError

WINDOW = {"win_size": 7, "gaussian_weights": False, "use_sample_covariance": True}  # as in MinD-Video's protocol


def ssim(video: Tensor, truth: Tensor) -> float:
    """Mean structural similarity in [-1, 1] of frames (n, 3, H, W) in [0, 1]: RGB, in windows of 7 x 7 that weigh all
    pixels the same. Raises InputError where the shapes differ."""
    _expect_alike(video, truth)
    pairs = zip(_hwc(video), _hwc(truth), strict=True)
    return float(np.mean([structural_similarity(a, b, channel_axis=-1, data_range=1.0, **WINDOW) for a, b in pairs]))


def psnr(video: Tensor, truth: Tensor) -> float:
    """Mean peak signal-to-noise ratio [dB] of frames (n, 3, H, W) in [0, 1].

    Infinite as soon as one frame equals its truth to the last bit. Raises InputError where the shapes differ.
    """
    _expect_alike(video, truth)
    error = (video.cpu().double() - truth.cpu().double()).square().mean((1, 2, 3))  # (n,)
    return (-10 * error.log10()).mean().item()


def pixel_correlation(frames: Tensor, truth: Tensor) -> float:
    """Mean Pearson correlation in [-1, 1] of all values of frames (n, 3, H, W); frames of one colour are left out."""
    a, b = (x.flatten(1) - x.flatten(1).mean(1, keepdim=True) for x in (frames, truth))
    return float(((a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1))).nanmean())


def edge_strength(frames: Tensor) -> float:
    """Mean absolute difference of neighbouring values of frames (..., 3, H, W): how sharp they are."""
    return (frames.diff(dim=-1).abs().mean() + frames.diff(dim=-2).abs().mean()).item() / 2


def flat_frames(truth: Tensor) -> Tensor:
    """The floor of pixel scores: every frame replaced by the mean colour of all of them, (n, 3, H, W)."""
    return truth.mean((0, 2, 3), keepdim=True).expand_as(truth)


def _expect_alike(video: Tensor, truth: Tensor) -> None:
    if video.shape != truth.shape:
        raise InputError(
            f"got frames of shape {tuple(video.shape)}, expected {tuple(truth.shape)}, that of the true ones: pick the "
            "same moments and resize"
        )


def _hwc(video: Tensor) -> np.ndarray:
    return video.permute(0, 2, 3, 1).float().cpu().numpy()

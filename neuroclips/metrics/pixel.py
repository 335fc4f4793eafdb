"""Pixel-level scores of frames (paper, section 4.3); both go up with likeness."""

from __future__ import annotations

import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torch import Tensor


def ssim(video: Tensor, truth: Tensor) -> float:
    """Mean structural similarity in [-1, 1] of frames (n, 3, H, W): RGB, uniform 7 x 7, as in MinD-Video's protocol."""
    pairs = zip(_hwc(video), _hwc(truth), strict=True)
    return float(np.mean([structural_similarity(a, b, channel_axis=-1, data_range=1.0) for a, b in pairs]))


def psnr(video: Tensor, truth: Tensor) -> float:
    """Mean peak signal-to-noise ratio [dB] of frames (n, 3, H, W) in [0, 1]."""
    pairs = zip(_hwc(video), _hwc(truth), strict=True)
    return float(np.mean([peak_signal_noise_ratio(b, a, data_range=1.0) for a, b in pairs]))


def pixel_correlation(frames: Tensor, truth: Tensor) -> float:
    """Mean Pearson correlation in [-1, 1] of all values of frames (n, 3, H, W); frames of one colour are left out."""
    a, b = (x.flatten(1) - x.flatten(1).mean(1, keepdim=True) for x in (frames, truth))
    return float(((a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1))).nanmean())


def flat_frames(truth: Tensor) -> Tensor:
    """The floor of pixel scores: every frame replaced by the mean colour of all of them, (n, 3, H, W)."""
    return truth.mean((0, 2, 3), keepdim=True).expand_as(truth)


def _hwc(video: Tensor) -> np.ndarray:
    return video.permute(0, 2, 3, 1).numpy()

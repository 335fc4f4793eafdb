"""Smoothness of a video."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def clip_pcc(embeddings: Tensor) -> float:
    """Mean cosine similarity of CLIP embeddings (n_frames, D) of adjacent frames (paper, section 4.3).

    Blind to content: a still picture scores 1.
    """
    return F.cosine_similarity(embeddings[:-1], embeddings[1:], dim=-1).mean().item()

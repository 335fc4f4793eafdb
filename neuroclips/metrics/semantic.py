"""Semantic scores from the logits of a judge: N-way accuracy (paper, section 4.3) and retrieval (appendix C.6)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from neuroclips.errors import InputError


def n_way_accuracy(logits: Tensor, truth_logits: Tensor, n: int) -> Tensor:
    """Probability (B,) that the true class beats n - 1 others drawn without replacement; chance is 1 / n.

    logits, truth_logits : (B, n_classes), of the reconstruction and of the ground truth, whose leading class counts as
    true; both may lie on an accelerator. This is the expectation that 100 random trials estimate; it is exact:
        P = C(k, n - 1) / C(n_classes - 1, n - 1), k = how many classes score below the true one.
    The released code of others counts the three leading classes as true, which lifts 2-way chance to 0.75.
    """
    n_classes = logits.shape[1]
    if not 2 <= n <= n_classes:
        raise InputError(f"got n = {n}, expected 2 to {n_classes}, the classes of the judge")
    true = truth_logits.argmax(1, keepdim=True)
    below = (logits < logits.gather(1, true)).sum(1).cpu().double()
    return torch.exp(_log_choose(below, n - 1) - _log_choose(torch.tensor(n_classes - 1.0).double(), n - 1)).float()


def _log_choose(total: Tensor, k: int) -> Tensor:
    """log C(total, k); minus infinity when total < k."""
    value = torch.lgamma(total + 1) - torch.lgamma((total - k).clamp(min=0) + 1) - torch.lgamma(torch.tensor(k + 1.0))
    return torch.where(total >= k, value, float("-inf"))


def retrieval_top1(predicted: Tensor, target: Tensor) -> float:
    """Share of rows of `predicted` whose nearest row of `target`, by cosine, is their own; chance is 1 / B.

    predicted, target : (B, D), both centred on the same training mean beforehand.
    """
    similarity = F.normalize(predicted, dim=-1) @ F.normalize(target, dim=-1).T  # (B, B)
    return (similarity.argmax(1) == torch.arange(len(similarity), device=similarity.device)).float().mean().item()


def retrieval_in_pools(predicted: Tensor, target: Tensor, size: int = 300, seed: int = 0) -> float:
    """Mean top-1 of the pools into which the B rows are divided at random (paper, table 4); chance is 1 / size.

    predicted, target : (B, D), B a multiple of `size`.
    """
    if len(predicted) % size:
        raise InputError(f"got {len(predicted)} samples, expected a multiple of {size}, the size of a pool")
    order = torch.randperm(len(predicted), generator=torch.Generator().manual_seed(seed))
    pools = [retrieval_top1(predicted[rows], target[rows]) for rows in order.split(size)]
    return sum(pools) / len(pools)

"""Losses of the paper, each with its equation; rows of a batch are all contrasted with each other."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def info_nce(a: Tensor, b: Tensor, temperature: float) -> Tensor:
    """Symmetric InfoNCE between rows of a and b, (..., B, D) each: the contrastive terms of equations 1 and 10."""
    logits = F.normalize(a, dim=-1) @ F.normalize(b, dim=-1).mT / temperature  # (..., B, B)
    rows = logits.log_softmax(-1).diagonal(dim1=-2, dim2=-1)
    columns = logits.log_softmax(-2).diagonal(dim1=-2, dim2=-1)
    return -(rows + columns).mean() / 2


def draw_mix(n: int, generator: torch.Generator, beta: float) -> tuple[Tensor, Tensor]:
    """Partners m (n,) and shares lambda ~ Beta(beta, beta) (n,) of equation 7."""
    gamma = torch.distributions.Gamma(beta, 1.0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(torch.randint(2**31, (1,), generator=generator)))
        a, b = gamma.sample((n,)), gamma.sample((n,))
    share = (a / (a + b + 1e-12)).clamp(0, 1)
    return torch.randperm(n, generator=generator), share


def mix(x: Tensor, other: Tensor, share: Tensor) -> Tensor:
    """Equation 7: Y* = lambda Y + (1 - lambda) Y_m; x, other : (B, ...), share -> lambda : (B,)."""
    share = share.view(-1, *[1] * (x.ndim - 1)).to(x.dtype)
    return share * x + (1 - share) * other


def bimixco(predicted: Tensor, target: Tensor, partner: Tensor, share: Tensor, temperature: float) -> Tensor:
    """Equation 8: bidirectional InfoNCE in which a mixed sample belongs to its two sources by lambda and 1 - lambda.

    predicted, target : (B, D), the embeddings e_{Y*} and e_X. partner -> m, share -> lambda.
    """
    truth = torch.diag(share)
    truth[torch.arange(len(share), device=share.device), partner] += 1 - share
    return _cross_entropy(predicted, target, truth, temperature)


def soft_clip(predicted: Tensor, target: Tensor, temperature: float) -> Tensor:
    """SoftCLIP (Scotti et al. 2023): samples whose targets are alike count as partly right. (B, D) each."""
    target = F.normalize(target, dim=-1)
    return _cross_entropy(predicted, target, (target @ target.T / temperature).softmax(-1), temperature)


def _cross_entropy(predicted: Tensor, target: Tensor, truth: Tensor, temperature: float) -> Tensor:
    """Mean of both directions; truth : (B, B), what each row belongs to."""
    logits = F.normalize(predicted, dim=-1) @ F.normalize(target, dim=-1).T / temperature  # (B, B)
    rows = -(truth * logits.log_softmax(1)).sum(1).mean()
    columns = -(truth * logits.log_softmax(0)).sum(0).mean()
    return (rows + columns) / 2

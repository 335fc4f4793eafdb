"""Losses of the paper, each with its equation."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def info_nce(a: Tensor, b: Tensor, temperature: float) -> Tensor:
    """Symmetric InfoNCE between rows of a and b, (B, D) each: the contrastive terms of equations 1 and 10."""
    logits = F.normalize(a, dim=-1) @ F.normalize(b, dim=-1).T / temperature  # (B, B)
    target = torch.arange(len(a))
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def mixco(x: Tensor, generator: torch.Generator, beta: float = 0.15) -> tuple[Tensor, Tensor, Tensor]:
    """Equation 7: Y* = lambda Y + (1 - lambda) Y_m with lambda ~ Beta(0.15, 0.15), the paper's code's value.

    x : (B, D). Returns the mixed x, the partner m of each row (B,), and lambda (B,).
    """
    gamma = torch.distributions.Gamma(beta, 1.0)
    with torch.random.fork_rng():
        torch.manual_seed(int(torch.randint(2**31, (1,), generator=generator)))
        a, b = gamma.sample((len(x),)), gamma.sample((len(x),))
    share = (a / (a + b + 1e-12)).clamp(0, 1)
    partner = torch.randperm(len(x), generator=generator)
    mixed = share[:, None] * x + (1 - share[:, None]) * x[partner]
    return mixed, partner, share


def bimixco(predicted: Tensor, target: Tensor, partner: Tensor, share: Tensor, temperature: float) -> Tensor:
    """Equation 8: bidirectional InfoNCE in which a mixed sample belongs to its two sources by lambda and 1 - lambda.

    predicted, target : (B, D), the embeddings e_{Y*} and e_X. partner -> m, share -> lambda.
    """
    logits = F.normalize(predicted, dim=-1) @ F.normalize(target, dim=-1).T / temperature  # (B, B)
    truth = torch.diag(share)
    truth[torch.arange(len(share)), partner] += 1 - share
    rows = -(truth * logits.log_softmax(1)).sum(1).mean()
    columns = -(truth * logits.log_softmax(0)).sum(0).mean()
    return (rows + columns) / 2

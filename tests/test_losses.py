"""Losses against loops and closed forms."""

import torch
import torch.nn.functional as F

from neuroclips.train.losses import bimixco, info_nce, mixco


def test_bimixco_without_mixing_is_info_nce(generator):
    a, b = torch.randn(6, 5, generator=generator), torch.randn(6, 5, generator=generator)
    same = bimixco(a, b, torch.arange(6), torch.ones(6), 0.1)
    assert torch.allclose(same, info_nce(a, b, 0.1), atol=1e-5)


def test_bimixco_is_equation_8(generator):
    a, b = torch.randn(4, 5, generator=generator), torch.randn(4, 5, generator=generator)
    partner, share, tau = torch.tensor([2, 3, 1, 0]), torch.tensor([0.9, 0.6, 0.2, 1.0]), 0.2
    sims = (F.normalize(a, dim=1) @ F.normalize(b, dim=1).T / tau).exp()
    loss = 0.0
    for i in range(4):
        loss -= (
            share[i] * (sims[i, i] / sims[i].sum()).log() + (1 - share[i]) * (sims[i, partner[i]] / sims[i].sum()).log()
        )
        loss -= share[i] * (sims[i, i] / sims[:, i].sum()).log()
        for other in range(4):
            if partner[other] == i:
                loss -= (1 - share[other]) * (sims[other, i] / sims[:, i].sum()).log()
    assert torch.allclose(bimixco(a, b, partner, share, tau), loss / 8, atol=1e-5)


def test_mixco_is_a_convex_mix_and_reproducible():
    x = torch.eye(8)
    mixed, partner, share = mixco(x, torch.Generator().manual_seed(3))
    assert torch.allclose(mixed.sum(1), torch.ones(8), atol=1e-5) and ((share >= 0) & (share <= 1)).all()
    assert torch.allclose(mixed[0], share[0] * x[0] + (1 - share[0]) * x[partner[0]])
    assert torch.equal(mixed, mixco(x, torch.Generator().manual_seed(3))[0])

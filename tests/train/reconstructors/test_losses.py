"""Losses against loops and closed forms."""

import torch
import torch.nn.functional as F

from neuroclips.train.reconstructors.losses import bimixco, draw_mix, info_nce, mix, soft_clip


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


def test_mixing_is_equation_7_and_reproducible():
    x = torch.eye(8)
    partner, share = draw_mix(8, torch.Generator().manual_seed(3), 0.15)
    mixed = mix(x, x[partner], share)
    assert torch.allclose(mixed.sum(1), torch.ones(8), atol=1e-5) and ((share >= 0) & (share <= 1)).all()
    assert torch.allclose(mixed[0], share[0] * x[0] + (1 - share[0]) * x[partner[0]])
    again = draw_mix(8, torch.Generator().manual_seed(3), 0.15)
    assert torch.equal(partner, again[0]) and torch.equal(share, again[1])


def test_shares_are_beta_distributed():
    _, share = draw_mix(20_000, torch.Generator().manual_seed(0), beta=0.15)
    moments = torch.distributions.Beta(0.15, 0.15)
    assert abs(share.mean() - moments.mean) < 0.01 and abs(share.var() - moments.variance) < 0.01


def test_contrast_over_frames_is_the_sum_of_equation_1(generator):
    """Frames of each clip are contrasted among themselves, in both directions; none with another clip's."""
    a, b, tau = torch.randn(3, 6, 5, generator=generator), torch.randn(3, 6, 5, generator=generator), 0.3
    loss = 0.0
    for clip in range(3):
        sims = (F.normalize(a[clip], dim=1) @ F.normalize(b[clip], dim=1).T / tau).exp()
        loss -= sum((sims[i, i] / sims[i].sum()).log() + (sims[i, i] / sims[:, i].sum()).log() for i in range(6))
    assert torch.allclose(info_nce(a, b, tau), loss / (2 * 6 * 3), atol=1e-5)


def test_soft_clip_spreads_the_truth_over_like_targets(generator):
    a, b, tau = torch.randn(4, 5, generator=generator), torch.randn(4, 5, generator=generator), 0.2
    b[1] = b[0]  # two targets that are the same
    unit = F.normalize(b, dim=1)
    truth = torch.softmax(unit @ unit.T / tau, 1)
    logits = F.normalize(a, dim=1) @ unit.T / tau
    both = F.cross_entropy(logits, truth) - (truth * logits.log_softmax(0)).sum(0).mean()
    assert torch.allclose(soft_clip(a, b, tau), both / 2, atol=1e-5)
    assert torch.allclose(truth[0, 0], truth[0, 1])

"""Scores of what lies on an accelerator are those of the same on the CPU."""

import pytest
import torch

from neuroclips.metrics.pixel import pixel_correlation, psnr, ssim
from neuroclips.metrics.semantic import n_way_accuracy, retrieval_in_pools, retrieval_top1
from neuroclips.metrics.temporal import clip_pcc

pytestmark = pytest.mark.skipif(not torch.accelerator.is_available(), reason="there is no accelerator")


@pytest.mark.parametrize("score", [ssim, psnr, pixel_correlation])
def test_scores_of_frames(score, generator):
    one, other = torch.rand(2, 3, 3, 16, 16, generator=generator)
    there = torch.accelerator.current_accelerator()
    assert score(one.to(there), other.to(there)) == pytest.approx(score(one, other), abs=1e-4)


@pytest.mark.parametrize(
    "score",
    [
        lambda a, b: n_way_accuracy(a, b, 3).mean().item(),
        retrieval_top1,
        lambda a, b: retrieval_in_pools(a, b, 4),
        lambda a, b: clip_pcc(a),
    ],
)
def test_scores_of_embeddings(score, generator):
    one, other = torch.randn(2, 12, 7, generator=generator)
    there = torch.accelerator.current_accelerator()
    assert score(one.to(there), other.to(there)) == pytest.approx(score(one, other), abs=1e-4)

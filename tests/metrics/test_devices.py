"""Scores of what lies on an accelerator are those of the same on the CPU."""

import pytest
import torch

from neuroclips.metrics.pixel import pixel_correlation, psnr, ssim
from neuroclips.metrics.report import evaluate
from neuroclips.metrics.retrieval import retrieval_in_pools, retrieval_top1

pytestmark = pytest.mark.skipif(not torch.accelerator.is_available(), reason="there is no accelerator")


@pytest.mark.parametrize("score", [ssim, psnr, pixel_correlation])
def test_scores_of_frames(score, generator):
    one, other = torch.rand(2, 3, 3, 16, 16, generator=generator)
    there = torch.accelerator.current_accelerator()
    assert score(one.to(there), other.to(there)) == pytest.approx(score(one, other), abs=1e-4)


@pytest.mark.parametrize("score", [retrieval_top1, lambda a, b: retrieval_in_pools(a, b, 4)])
def test_scores_of_embeddings(score, generator):
    one, other = torch.randn(2, 12, 7, generator=generator)
    there = torch.accelerator.current_accelerator()
    assert score(one.to(there), other.to(there)) == pytest.approx(score(one, other), abs=1e-4)


def test_scores_of_a_result(data, judges):
    video, truth, there = data.stimulus(30, 16), data.stimulus(31, 6), torch.accelerator.current_accelerator()
    assert evaluate(video.to(there), truth.to(there), judges) == evaluate(video, truth, judges)

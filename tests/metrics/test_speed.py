"""Scores of a whole test set take seconds. Measured in time of a core, which a busy machine only lengthens."""

import os
from dataclasses import replace

import numpy as np
import pytest

from neuroclips.metrics.protocols import PROTOCOLS
from neuroclips.metrics.score import score
from neuroclips.metrics.see import see
from neuroclips.metrics.ways import exact


def user_time() -> float:
    return os.times().user  # [s] of all threads


def test_pixels_and_flow_of_1200_clips_in_a_minute_on_two_cores():
    n, protocol = 12, replace(PROTOCOLS["paper"], metrics=("ssim", "psnr", "end_point_error"))
    coarse = np.random.default_rng(0).integers(0, 256, (2 * n, 6, 3, 16, 16), dtype=np.uint8)
    films = coarse.repeat(16, -1).repeat(16, -2)  # 256 x 256
    score(see(films[:1], protocol), see(films[:1], protocol), protocol)  # libraries are loaded
    before = user_time()
    score(see(films[:n], protocol), see(films[n:], protocol), protocol)
    assert (user_time() - before) * 1200 / n < 2 * 60


@pytest.mark.parametrize("truths", [1, 3])
def test_n_way_of_1200_clips_of_six_frames_and_1000_classes(truths):
    logits, truth = np.random.default_rng(0).standard_normal((2, 1200, 6, 1000), np.float32)
    before = user_time()
    exact(logits, truth, 50, truths)
    assert user_time() - before < 2

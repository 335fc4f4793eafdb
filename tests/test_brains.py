"""Simulated brains obey what they claim, and the paper's preprocessing finds the voxels that see."""

import os
import subprocess
import sys

import numpy as np
import pytest

from neuroclips.brain.cortex import N_CORTEX, load_cortex
from neuroclips.data import preprocess
from neuroclips.paths import ROOT
from neuroclips.simulation import brains, features
from neuroclips.simulation.features import GRID, ROW, SEMANTIC_NAMES, Features, pyramid


@pytest.fixture(scope="module")
def brain():
    return brains.draw_brain(brains.SUBJECTS[1])


def test_left_hemisphere_sees_the_right_half(brain):
    cortex = load_cortex()
    v1 = cortex.area[brain.vertex_index] == "V1"
    left = cortex.left[brain.vertex_index]
    colour = np.abs(brain.weights[1]).reshape(3, GRID, GRID, -1).sum(0)
    for here, right_is_preferred in ((v1 & left, True), (v1 & ~left, False)):
        right_share = colour[..., here][:, GRID // 2 :].sum((0, 1)) / colour[..., here].sum((0, 1))
        assert (right_share.mean() > 0.7) if right_is_preferred else (right_share.mean() < 0.3)


def test_areas_without_a_model_are_noise(brain):
    areas = load_cortex().area[brain.vertex_index]
    assert len(load_cortex().area) == N_CORTEX
    assert (brain.snr[areas == "V1"] > 0).all() and (brain.snr[areas == "3b"] == 0).all()


def test_bold_peaks_three_to_six_seconds_after_the_film(brain):
    rows = 480
    empty = Features(
        np.zeros((rows, pyramid().nfilters), np.float32),
        np.zeros((rows, 3, GRID * GRID), np.float32),
        np.zeros((rows, len(SEMANTIC_NAMES)), np.float32),
    )
    empty.colour[100] = 1.0  # one bright second
    scale = tuple((np.zeros(c.shape[1], np.float32), np.ones(c.shape[1], np.float32)) for c in empty)
    bold = np.abs(brains.predict(brain, empty, scale))
    seeing = bold.max(0) > 1e-3
    peak = bold[:, seeing].argmax(0) * 2 + 1 - 100 * ROW  # [s] after the second began
    assert 3 <= np.median(peak) <= 6


def test_same_seed_same_brain():
    """In processes of their own: the order of a set of names changes with the hash seed."""
    code = (
        "import hashlib; from neuroclips.simulation import brains; b = brains.draw_brain(brains.SUBJECTS[2]);"
        "print(hashlib.sha256(b''.join(w.tobytes() for w in b.weights)).hexdigest())"
    )
    digests = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert digests[0] and digests[0] == digests[1]


def test_film_features_have_one_row_a_second(monkeypatch):
    monkeypatch.setattr(features, "N_TR", 4)
    made = features.film_features("train", 0)
    assert made.energy.shape == (8, pyramid().nfilters) and made.colour.shape == (8, 3, GRID * GRID)
    assert made.semantic.max() > 0 and np.isfinite(made.energy).all()


def test_detrend_removes_a_polynomial_and_nothing_else():
    rng = np.random.default_rng(0)
    time = np.linspace(0, 1, 240)
    noise = rng.standard_normal((240, 3))
    drift = np.polyval([3, -2, 5, 1, 7], time)[:, None]
    fitted = np.stack([np.polyval(np.polyfit(time, n, 4), time) for n in noise.T], 1)
    assert np.allclose(preprocess.detrend(noise + drift), noise - fitted, atol=1e-8)


def test_shift_takes_the_trailing_volumes():
    run = np.arange(242)[:, None]
    assert preprocess.shift(run, 240, 2)[[0, -1], 0].tolist() == [2, 241]
    with pytest.raises(ValueError, match="expected at least 240"):
        preprocess.shift(run[:241], 240, 2)


def test_selection_keeps_repeatable_voxels_and_few_others():
    rng = np.random.default_rng(1)
    kept = []
    for _ in range(18):
        signal = rng.standard_normal((240, 40)) * (np.arange(40) < 20)
        runs = [preprocess.zscore(signal + 1.5 * rng.standard_normal((240, 40))) for _ in range(2)]
        kept.append(preprocess.repeat_correlation(*runs))
    assert preprocess.select_voxels(np.stack(kept)).tolist() == list(range(20))

"""Controls: fMRI that knows less of a clip, or nothing, in the place of a subject's own."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from neuroclips.brain.cortex import load_cortex
from neuroclips.data import controls, simulated
from neuroclips.data.registry import load_dataset
from neuroclips.errors import InputError
from neuroclips.paths import ASSETS

WRAPPED = ("zero", "noise", "other")


@pytest.fixture(scope="module")
def data():
    return load_dataset()


def samples(dataset, subject, n=300):
    return np.stack([dataset.sample(subject, clip).voxels.numpy() for clip in range(n)])


@pytest.mark.parametrize("name", WRAPPED)
def test_films_clips_and_vertices_stay_and_samples_do_not(data, name):
    control = load_dataset(name)
    assert control.info.name == name and control.info.n_voxels == data.info.n_voxels
    assert torch.equal(control.stimulus(7, 6), data.stimulus(7, 6))
    assert (control.vertex_index(2) == data.vertex_index(2)).all()
    sample, own = control.sample(2, 7), data.sample(2, 7)
    assert (sample.subject, sample.clip) == (2, 7) and sample.voxels.shape == own.voxels.shape
    assert sample.voxels.dtype == torch.float32 and not torch.equal(sample.voxels, own.voxels)
    assert torch.equal(sample.voxels, load_dataset(name).sample(2, 7).voxels)
    with pytest.raises(InputError, match=f"{name} has test clips 0 to 299"):
        control.sample(2, 300)


def test_zero_is_the_mean_of_z_scores():
    assert not load_dataset("zero").sample(1, 0).voxels.any()


def test_noise_has_the_mean_and_covariance_of_the_samples(data):
    own, drawn = samples(data, 3)[:, :60], samples(load_dataset("noise"), 3)[:, :60]
    true, found = (np.cov(x.T) for x in (own, drawn))
    assert np.corrcoef(true.ravel(), found.ravel())[0, 1] > 0.95
    assert np.polyfit(true.ravel(), found.ravel(), 1)[0] == pytest.approx(1, abs=0.15)
    assert np.abs(drawn.mean(0) - own.mean(0)).max() < 5 * own.std() / np.sqrt(300)
    with_own = [np.corrcoef(a, b)[0, 1] for a, b in zip(own, drawn, strict=True)]
    assert abs(np.mean(with_own)) < 3 / np.sqrt(300)  # it knows nothing of its clip


def test_noise_is_another_for_each_clip_and_seed(data):
    one, other = (controls.noise(data, seed) for seed in (0, 1))
    assert not torch.equal(one.sample(1, 0).voxels, one.sample(1, 1).voxels)
    assert not torch.equal(one.sample(1, 0).voxels, other.sample(1, 0).voxels)


def test_other_is_the_next_subject_carried_over_by_the_cortex(data):
    other, cortex = load_dataset("other"), load_cortex()
    assert [controls.next_subject(data, s) for s in (1, 2, 3)] == [2, 3, 1]
    mine, theirs = data.vertex_index(3), data.vertex_index(1)
    voxels, own = other.sample(3, 11).voxels.numpy(), data.sample(1, 11).voxels.numpy()
    taken = np.flatnonzero(voxels)[::40]
    for voxel in taken:
        away = np.linalg.norm(cortex.xyz[theirs] - cortex.xyz[mine[voxel]], axis=1)
        same_side = cortex.left[theirs] == cortex.left[mine[voxel]]
        nearest = np.where(same_side, away, np.inf).argmin()
        assert voxels[voxel] == own[nearest] and away[nearest] <= controls.REACH
    assert 0.9 < (voxels != 0).mean() <= 1  # few have no vertex of the other subject near


def test_other_carries_what_the_clip_is_about(data):
    """Subjects that saw the same film agree voxel by voxel, which noise does not."""
    own, other, noise = (samples(load_dataset(name), 3) for name in ("simulated", "other", "noise"))

    def agreement(found):
        there = np.flatnonzero(found.std(0) > 0)[::15]
        return np.mean([np.corrcoef(own[:, v], found[:, v])[0, 1] for v in there])

    assert agreement(other) > 0.1 > 0.03 > abs(agreement(noise))


def test_one_subject_has_no_other():
    with pytest.raises(InputError, match="subject 0 alone"):
        controls.other(load_dataset("null")).sample(0, 0)


def test_the_null_subject_ships_and_is_noise():
    null = load_dataset("null")
    assert null.info.n_voxels == {0: 3983} and null.info.n_clips == 300
    voxels = samples(null, 0)
    assert voxels.std() == pytest.approx(1 / np.sqrt(10), rel=0.05)  # ten showings of z-scored noise, averaged
    seen = samples(load_dataset("simulated"), 1)
    shared = [
        np.corrcoef(voxels[:, v], seen[:, w])[0, 1]
        for v, w in zip(range(0, 3983, 50), range(0, 3286, 41), strict=False)
    ]
    assert abs(np.mean(shared)) < 0.03  # no film left a trace
    assert simulated.file_of(0) == "null.npz" and (ASSETS / "simulated" / "null.npz").stat().st_size < 3e6


def test_elsewhere_is_another_clip_of_the_film_far_away_that_nobody_chose(data):
    elsewhere = controls.elsewhere(data, seed=3)
    for clip in (0, 100, 239, 240, 299):
        far = controls.far_clip(data.info, clip, seed=3)
        assert far // 240 == clip // 240 and abs(far - clip) >= 15
        assert torch.equal(elsewhere.sample(2, clip).voxels, data.sample(2, far).voxels)
        assert elsewhere.sample(2, clip).clip == clip
    assert len({controls.far_clip(data.info, 7, seed) for seed in range(20)}) > 15


def test_elsewhere_takes_another_film_where_this_one_is_short_and_says_where_there_is_none(data):
    short = replace(data.info, n_clips=20, clips_per_run=10)
    assert controls.far_clip(short, 3) >= 10 and controls.far_clip(short, 15) < 10
    with pytest.raises(InputError, match="got 10 clips of simulated, expected one 30 s from clip 3"):
        controls.far_clip(replace(short, n_clips=10), 3)


def test_the_mean_is_that_of_all_samples_the_same_for_every_clip(data):
    mean = controls.mean(data)
    np.testing.assert_allclose(mean.sample(3, 5).voxels, samples(data, 3).mean(0), atol=1e-6)
    assert torch.equal(mean.sample(3, 5).voxels, mean.sample(3, 250).voxels)


@pytest.mark.parametrize("control", [controls.mean, controls.noise])
def test_a_few_samples_have_no_mean_and_covariance(data, control, monkeypatch):
    monkeypatch.setattr(data, "info", replace(data.info, n_clips=9))
    with pytest.raises(InputError, match="got 9 test samples of simulated, expected 10 or more"):
        control(data).sample(1, 0)

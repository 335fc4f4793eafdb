"""A new person joins a decoder: what is found is told beside chance, and what makes no sense is named."""

import json

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from neuroclips.calibration import codes as shipped
from neuroclips.calibration.calibrate import calibrate, save
from neuroclips.calibration.given import of_clips, of_targets, read_given
from neuroclips.calibration.ridge import blocks_of, fit
from neuroclips.calibration.scores import held_out_scores
from neuroclips.cli import app
from neuroclips.errors import InputError
from neuroclips.subject_models import load_subject
from neuroclips.types import FmriSample
from neuroclips.zoo import zoo_named

N, N_VOXELS = 240, 600
CLIPS = np.stack([np.ones(N, int), np.arange(N)], 1)


def newcomer(noise=1.0, n=N, seed=0):
    """A person whose voxels are a random mixture of what the clips of film 1 are, and noise."""
    random = np.random.default_rng(seed)
    both = np.concatenate([shipped.codes("semantic", 224)[:n], shipped.codes("perception", 160)[:n]], 1)
    voxels = (both - both.mean(0)) / both.std(0) @ random.standard_normal((both.shape[1], N_VOXELS))
    mixed = voxels / voxels.std(0) + noise * random.standard_normal(voxels.shape)
    return (mixed / mixed.std(0)).astype(np.float32)


@pytest.fixture(scope="module")
def made():
    return calibrate(of_clips(newcomer(), CLIPS), like=1)


@pytest.mark.parametrize("n,k", [(60, 20), (40, 90)], ids=["more samples", "more voxels"])
def test_the_ridge_is_that_of_scikit_learn(n, k):
    from sklearn.linear_model import Ridge

    random = np.random.default_rng(0)
    x, y = random.standard_normal((n, k)), random.standard_normal((n, 3))
    found = fit(x, y, blocks_of(np.arange(n)), (0.5,)).ridge
    right = Ridge(alpha=0.5 * n).fit(x, y)
    assert np.allclose(found.weight, right.coef_, atol=1e-5) and np.allclose(found.bias, right.intercept_, atol=1e-5)


def test_what_was_held_out_was_not_seen():
    """Targets that are noise are learnt by heart, and yet held-out ones are not decoded."""
    random = np.random.default_rng(0)
    x, y = random.standard_normal((100, 400)), random.standard_normal((100, 4))
    found = fit(x, y, blocks_of(np.arange(100)), (1e-4,))
    assert np.abs(found.ridge(x) - y).max() < 0.05 < np.abs(found.predicted - y).mean()


def test_showings_of_a_clip_are_held_out_together():
    blocks = blocks_of(np.r_[np.arange(100), np.arange(100)])
    assert (blocks[:100] == blocks[100:]).all() and (np.bincount(blocks) == 40).all()


def test_chance_is_what_noise_gets():
    """Also of films, whose neighbours are alike: what is left out is then far from the mean of the rest."""
    random = np.random.default_rng(0)
    x, y = random.standard_normal((300, 400)), random.standard_normal((300, 30)).cumsum(0)
    blocks = blocks_of(np.arange(300))
    found = fit(x, y, blocks)
    scores = held_out_scores(found.predicted, y, np.arange(300), blocks)
    assert abs(scores.identification - 0.5) < 0.07 and abs(scores.correlation) < 0.07
    assert not scores.better_than_chance and scores.top1 < 0.06 and scores.top1_chance == 1 / 60


def test_what_is_known_is_identified():
    y = np.random.default_rng(0).standard_normal((100, 30))
    scores = held_out_scores(2 * y + 5, y, np.arange(100), blocks_of(np.arange(100)))
    assert scores.identification == scores.top1 == 1 and scores.shifted < 0.6
    assert scores.correlation == pytest.approx(1) and scores.better_than_chance and scores.n_clips == 100


def test_codes_fit_the_shipped_decoders():
    for subject in (1, 2, 3):
        models = load_subject(zoo_named(), subject, None, "cpu")
        for role in ("semantic", "perception"):
            found = shipped.codes(role, getattr(models, role).config.ridge_dim)
            assert len(found) == 240 * shipped.n_films() == 4320 and np.isfinite(found).all()
    with pytest.raises(InputError, match="expected 7, as the semantic reconstructor reads"):
        shipped.codes("semantic", 7)


def test_held_out_samples_are_decoded_better_than_chance_and_those_of_other_clips_are_not(made):
    assert all(s.better_than_chance and s.identification > 0.7 for s in made.scores.values())
    wrong = calibrate(of_clips(np.random.default_rng(1).permutation(newcomer()), CLIPS), like=1)
    assert all(s.identification < 0.6 for s in wrong.scores.values())


def test_all_but_the_ridge_is_the_decoders_own(made):
    base = load_subject(zoo_named(), 1, None, "cpu")
    for role in ("semantic", "perception"):
        own, known = getattr(made.models, role).state_dict(), getattr(base, role).state_dict()
        assert {name for name in known if not torch.equal(own[name], known[name])} == {"ridge.weight", "ridge.bias"}


def test_a_calibrated_decoder_reconstructs_without_being_written(made, pipeline):
    film = pipeline.with_subject(made.models)(FmriSample(torch.from_numpy(newcomer()[3]), 1, 3))
    assert film.video.shape[0] == 16 and film.caption


def test_the_command_line_writes_what_reconstruct_reads(tmp_path, made):
    np.savez(tmp_path / "mine.npz", fmri=newcomer(), clips=CLIPS)
    out = tmp_path / "own"
    done = CliRunner().invoke(app, ["calibrate", "--source", str(tmp_path / "mine.npz"), "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads((out / "subject1" / "calibration.json").read_text()) == json.loads(done.stdout) == made.record()
    loaded = load_subject(zoo_named(), 1, out, "cpu")
    assert torch.equal(loaded.semantic.ridge.weight, made.models.semantic.ridge.weight)
    assert {origin["from"] for origin in loaded.origins.values()} == {
        str(out / "subject1" / role) for role in ("perception", "semantic", "prior")
    }


def test_films_of_ones_own_are_decoded_linearly(tmp_path):
    base = load_subject(zoo_named(), 1, None, "cpu")
    random = np.random.default_rng(0)
    hidden = random.standard_normal((60, 8))
    fmri, tokens, latents = (
        (hidden @ random.standard_normal((8, np.prod(shape)))).reshape(60, *shape).astype(np.float32) / 3
        for shape in ((50,), (16, 128), (6, 8, 16, 16))
    )
    np.savez(tmp_path / "mine.npz", fmri=fmri, tokens=tokens, latents=latents)
    made = calibrate(read_given(tmp_path / "mine.npz"), like=1)
    assert made.scores["semantic"].top1 > 0.9 and torch.equal(made.models.semantic.centre, base.semantic.centre)
    save(made, tmp_path / "own", subject=2)
    assert load_subject(zoo_named(), 2, tmp_path / "own", "cpu").perception.config.shape == (6, 8, 16, 16)
    with pytest.raises(InputError, match=r"got targets of shape \(4, 128\)"):
        calibrate(of_targets(fmri, {"tokens": tokens[:, :4], "latents": latents}), like=1)


@pytest.mark.parametrize(
    ("clips", "complaint"),
    [
        (CLIPS[:, 0], r"got clips of shape \(240,\)"),
        (CLIPS[:50], r"expected \(240, 2\) whole numbers"),
        (CLIPS.astype(float), "type float64"),
        (CLIPS - [1, 0], "got films 0 to 0, expected 1 to 18"),
        (CLIPS + [18, 0], "got films 19 to 19"),
        (CLIPS + [0, 1], "got TRs 1 to 240, expected 0 to 239"),
        (CLIPS - [0, 1], "got TRs -1"),
        (CLIPS * [1, 0], "got 1 different clips, expected at least 50"),
    ],
)
def test_clips_that_there_are_not_are_named(tmp_path, clips, complaint):
    np.savez(tmp_path / "mine.npz", fmri=newcomer(), clips=clips)
    with pytest.raises(InputError, match=complaint) as caught:
        read_given(tmp_path / "mine.npz")
    assert str(caught.value).startswith(str(tmp_path)) and "\n" not in str(caught.value)


def test_fmri_alone_is_not_enough(tmp_path):
    np.save(tmp_path / "mine.npy", newcomer())
    with pytest.raises(InputError, match="got fMRI alone, expected to know what each sample is for"):
        read_given(tmp_path / "mine.npy")
    np.save(tmp_path / "clips.npy", CLIPS)
    assert read_given(tmp_path / "mine.npy", tmp_path / "clips.npy").n_clips == N

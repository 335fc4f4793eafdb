"""What may be learnt from: training clips only, and validation films cut from them."""

import ast
import json
from pathlib import Path

import numpy as np
import pytest
import torch

import neuroclips.train
from neuroclips.data import training
from neuroclips.data.training import ArraysTraining, HubTraining, open_training
from neuroclips.film_size import film_pixels
from neuroclips.simulation import shots
from neuroclips.train.reconstructors import ridge
from neuroclips.train.reconstructors.study import Study

ROOMS = ("engine", "targets", "reconstructors", "demo_zoo")
MAY_OPEN = ("neuroclips.data.training", "neuroclips.preprocessing.layout")
OPEN_TEST_CLIPS = ("evaluation", "run", "precomputed", "precomputing", "pipeline", "ui", "brain", "export")


class Few:
    """Eighteen films without any data."""

    name, key, n_films = "few", "0", 18


@pytest.fixture
def folder(tmp_path):
    """Two training films of one subject, as `simulate` writes them."""
    home = tmp_path / "subject2"
    home.mkdir()
    np.save(home / "train_fmri.npy", np.random.default_rng(0).standard_normal((480, 2, 9)).astype(np.float32))
    meta = {"dataset": "simulated", "subject": "subject2", "films": ["seg1", "seg3", "test1"], "n_voxels": 9, "tr": 2.0}
    (home / "meta.json").write_text(json.dumps(meta))
    return tmp_path


def test_training_clips_count_through_the_films(folder):
    data = ArraysTraining(folder)
    assert data.n_films == 2 and data.fmri(2).shape == (480, 2, 9)
    assert data.captions(250)[3] == shots.clip_caption("train", 2, 10)  # TR 10 of seg3
    assert data.label(250) == shots.shot_at("train", 2, 10.5 * shots.TR).name
    assert data.frames(250).shape == (6, 3, film_pixels(), film_pixels()) and data.frames(250).max() <= 1
    with pytest.raises(ValueError, match="expected one of 2"):
        data.fmri(1)


def test_a_caption_belongs_to_the_shot_of_its_frame(folder):
    """A TR with a cut has captions of both shots, each where its frames are."""
    data = ArraysTraining(folder)
    tr = next(t for t in range(240) if shots.has_cut("train", 2, t) and len(set(data.captions(240 + t))) > 1)
    times = [tr * shots.TR + i / 3 for i in range(6)]
    assert data.captions(240 + tr) == [shots.shot_at("train", 2, t).caption for t in times]
    shown = data.frames(240 + tr)
    cut = next(i for i in range(1, 6) if data.captions(240 + tr)[i] != data.captions(240 + tr)[i - 1])
    changes = (shown[1:] - shown[:-1]).abs().mean((1, 2, 3))
    assert changes.argmax() == cut - 1


def test_measured_clips_have_one_caption_for_all_frames():
    data = object.__new__(HubTraining)
    data._stimuli = ClipCaptions()
    assert data.captions(7) == ["clip 7"] * 6


class ClipCaptions:
    """In the place of 50 GB of files."""

    def caption(self, clip):
        return f"clip {clip}"


def test_what_cannot_be_learnt_from_is_refused(folder):
    with pytest.raises(ValueError, match="expected one of: simulated, preprocessed, cc2017"):
        open_training("swapped")
    with pytest.raises(ValueError, match="--source"):
        open_training("preprocessed")
    with pytest.raises(FileNotFoundError):
        open_training("preprocessed", folder / "nothing")
    home = folder / "subject2"
    np.save(home / "train_fmri.npy", np.zeros((479, 2, 9), np.float32))
    with pytest.raises(ValueError, match=r"got shape \(479, 2, 9\), expected \(480, 2, 9\)"):
        ArraysTraining(folder).fmri(2)


def test_validation_films_are_training_films_that_nothing_is_fitted_on():
    study = Study(Few(), (1,))
    assert study.validation.tolist() == list(range(16 * 240, 18 * 240))
    assert study.train.tolist() == list(range(16 * 240))
    assert len(Study(Few(), (1,), minutes=8).train) == 240
    assert set(Study(Few(), (1,), minutes=8).groups().tolist()) == set(range(8))  # minutes, for folds of one film


def test_training_code_cannot_reach_test_data():
    """It opens no dataset but through data.training, which knows no test fMRI and no test film."""
    home = Path(neuroclips.train.__file__).parent
    files = sorted(home.rglob("*.py"))
    assert len(files) >= 40 and {p.parent.name for p in files} == {"train", *ROOMS}
    for path in files:
        tree = ast.parse(path.read_text())
        imports = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module]
        modules = {n.module for n in imports} | {f"{n.module}.{a.name}" for n in imports for a in n.names}
        opened = {m for m in modules if m.startswith(("neuroclips.data.", "neuroclips.preprocessing."))}
        assert all(m.startswith(MAY_OPEN) for m in opened), f"{path.name} opens {opened}"
        plain = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        assert not {m for m in plain if m.startswith("neuroclips")}, f"{path.name}: import names, not modules"
        assert not modules & {f"neuroclips.{name}" for name in OPEN_TEST_CLIPS}, path.name
        assert "test_fmri" not in path.read_text() and "Dataset(" not in path.read_text(), path.name
    source = Path(training.__file__).read_text()
    assert "test_fmri" not in source and '"test"' not in source and "Cc2017Dataset" not in source


def test_training_targets_are_made_without_a_look_at_test_films(folder, monkeypatch):
    real = shots.script

    def only_training(kind, index):
        assert kind == "train", "training looked at a test film"
        return real(kind, index)

    monkeypatch.setattr(shots, "script", only_training)
    shots._starts.cache_clear()
    data = ArraysTraining(folder)
    assert data.frames(0).shape == (6, 3, film_pixels(), film_pixels()) and data.captions(479) and data.label(479)


def test_ridge_is_the_textbook_formula(rng_arrays):
    """W = (X'X + penalty n I)^-1 X'Y of centred data, with both repeats as samples."""
    fmri, wanted = rng_arrays
    weight, bias = ridge.fit(fmri, wanted, torch.arange(30), 0.5)
    x, y = fmri[:30].reshape(60, -1), wanted[:30].repeat(2, 0)
    xc, yc = x - x.mean(0), y - y.mean(0)
    expected = np.linalg.solve(xc.T @ xc + 0.5 * 60 * np.eye(7), xc.T @ yc).T
    assert np.allclose(weight, expected, atol=1e-5)
    assert np.allclose(bias, y.mean(0) - x.mean(0) @ expected.T, atol=1e-5)


@pytest.fixture
def rng_arrays():
    """fMRI (40, 2, 7) and targets (40, 3)."""
    rng = np.random.default_rng(0)
    return rng.standard_normal((40, 2, 7)).astype(np.float32), rng.standard_normal((40, 3)).astype(np.float32)


def test_ridge_directions_are_deterministic_and_orthonormal(generator):
    targets = torch.randn(40, 30, generator=generator)
    directions = ridge.principal_components(targets, 5)
    assert torch.equal(directions, ridge.principal_components(targets, 5))
    assert torch.allclose(directions @ directions.T, torch.eye(5), atol=1e-4)
    centred = targets - targets.mean(0)
    assert torch.allclose((centred @ directions.T).square().sum(0), torch.linalg.svdvals(centred)[:5] ** 2, rtol=1e-3)
    with pytest.raises(ValueError, match="got ridge_dim 40, expected at most 29"):
        ridge.principal_components(targets, 40)

"""Layers of a small dataset of one's own, and what is said where something that a layer needs is missing."""

import json
from dataclasses import fields

import numpy as np
import pytest

from neuroclips.brain.cortex import load_cortex
from neuroclips.errors import InputError, MissingError
from neuroclips.maps.compute import MAKERS, compute
from neuroclips.maps.layers import LAYERS
from neuroclips.maps.patterns import pattern_size
from neuroclips.maps.sources import Sources
from neuroclips.reconstructors import weights
from neuroclips.reconstructors.perception import PerceptionConfig
from neuroclips.reconstructors.semantic import SemanticConfig
from neuroclips.simulation.subjects import Truth
from neuroclips.train.targets import targets

AREAS, EACH = ("V1", "MT", "FFC"), 4
NETS = {
    "perception": PerceptionConfig(6, 8, 16, 6, 8, 1, "ridge", 8, 4, (8, 8, 8), dropout=0.0),
    "semantic": SemanticConfig(16, 128, 6, 8, 1, 4, 0, 0.0),
}


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Two training films and a test film of twelve voxels, of known truth, with untrained reconstructors and random
    targets in the cache."""
    home = tmp_path_factory.mktemp("own")
    subject, rng, area = home / "subject1", np.random.default_rng(0), load_cortex().area
    subject.mkdir()
    about = {"dataset": "simulated", "subject": "subject1", "films": ["seg1", "seg2", "test1"], "tr": 2.0}
    (subject / "meta.json").write_text(json.dumps(about | {"n_voxels": len(AREAS) * EACH}))
    index = np.concatenate([np.flatnonzero(area == name)[:EACH] for name in AREAS])
    signal = rng.standard_normal((720, 1, len(index)))
    np.save(subject / "vertex_index.npy", index)
    np.save(subject / "train_fmri.npy", (signal[:480] + rng.standard_normal((480, 2, 12))).astype(np.float32))
    np.save(subject / "test_fmri.npy", (signal[480:] + rng.standard_normal((240, 10, 12))).astype(np.float32))
    flat = {field.name: np.zeros(len(area), np.float32) for field in fields(Truth)}
    flat["snr"][index] = np.arange(1, 13)
    Truth(**flat).save(subject / "truth.npz")
    for role, config in NETS.items():
        weights.save(config.build(12), home / "nets" / "subject1" / role, n_voxels=12)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEUROCLIPS_CACHE", str(home / "cache"))
        sources = Sources(1, "preprocessed", home, reconstructors=home / "nets")
        study = sources.study("encoding")
        for role, what, shape in (("clip", "tokens", (16, 128)), ("codec", "latents", (8, 16, 16))):
            name = targets._name(study.data, study.zoo, what, role)
            found = rng.standard_normal((480, 6, *shape)).astype(np.float16)
            targets.encoded(name, 480, lambda found=found: lambda rows: __import__("torch").from_numpy(found[rows]))
        yield sources


@pytest.mark.parametrize("layer", MAKERS)
def test_every_layer_is_computed_of_ones_own_data(own, layer):
    for model in LAYERS[layer].models or (None,):
        found = compute(layer, own, model)
        assert found.shape == (12,) and found.dtype == np.float32 and np.isfinite(found).all()
        assert layer in ("difference", "importance", "encoding", "reliability") or found.min() >= 0


def test_layers_are_what_they_are_called(own):
    ridge = own.voxel_weights("semantic")
    samples = np.load(own.home / "train_fmri.npy")[:240].mean(1)  # the second film is for validation
    assert np.allclose(compute("weights", own, "semantic"), np.abs(ridge).mean(0))
    assert np.allclose(compute("haufe", own, "semantic"), pattern_size(samples, ridge), rtol=1e-3)
    assert compute("truth", own, "perception").tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0]
    assert compute("truth", own, "semantic").tolist() == [0] * 8 + [9, 10, 11, 12]
    assert np.allclose(compute("reliability", own), 10 / 11, atol=0.05)  # ten showings at a signal over noise of one
    assert np.abs(compute("encoding", own, "perception")).max() < 0.5  # targets are random


@pytest.mark.parametrize(
    "layer, missing",
    (("truth", "truth needs a simulated brain"), ("haufe", "layer haufe needs training samples"))
    + (("reliability", "needs repeated showings"), ("encoding", "layer encoding needs training samples")),
)
def test_what_a_layer_lacks_is_told_by_name(layer, missing):
    with pytest.raises(InputError, match=missing):
        compute(layer, Sources(1, "file"), "perception")


def test_training_samples_that_were_not_made_are_not_made_unasked(monkeypatch, tmp_path):
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path))
    with pytest.raises(MissingError, match="simulate --subjects 1"):
        compute("haufe", Sources(1), "perception")
    with pytest.raises(MissingError, match="no showings of subject 2"):
        compute("reliability", Sources(2))


def test_reconstructors_of_other_voxels_and_none_at_all(own, tmp_path):
    other = Sources(1, "preprocessed", own.source, reconstructors=None)
    with pytest.raises(InputError, match="reconstructor of 3,286 voxels and samples of 12"):
        compute("haufe", other, "perception")
    with pytest.raises(MissingError, match="no perception reconstructor of subject 1"):
        compute("weights", Sources(1, reconstructors=tmp_path), "perception")

"""Training: it learns, it resumes exactly, and it never sees a test film."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import neuroclips.train
from neuroclips.data.simulated import VALIDATION_FILMS
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.simulation import shots
from neuroclips.train import brain_data, stages, zoo_codec
from neuroclips.train.loop import Recipe, fit, learning_rate
from neuroclips.train.stages import STAGES
from neuroclips.train.start import load_weights
from tests.conftest import DEMO

RECIPE = Recipe(steps=40, learning_rate=0.3, batch_size=16, warmup=2, ema=0.5, save_every=0.0)


class LineJob:
    """Learn y = 2 x + 1."""

    def __init__(self):
        torch.manual_seed(0)
        self.net, self.exported = nn.Linear(1, 1), False
        self.modules = {"net": self.net}

    def loss(self, generator, recipe):
        x = torch.randn(recipe.batch_size, 1, generator=generator)
        return (self.net(x) - 2 * x - 1).square().mean()

    def export(self):
        self.exported = True


def test_fit_learns_and_exports(tmp_path):
    job = LineJob()
    fit(job, RECIPE, tmp_path)
    losses = [json.loads(line)["loss"] for line in (tmp_path / "loss.jsonl").read_text().splitlines()]
    assert job.exported and len(losses) == 40 and losses[-1] < 0.1 * losses[0]


def test_a_stopped_run_goes_on_where_it_was(tmp_path):
    whole, stopped, resumed = LineJob(), LineJob(), LineJob()
    fit(whole, RECIPE, tmp_path / "whole")

    def stop_at_20(step, loss):
        if step == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(stopped, RECIPE, tmp_path / "part", on_step=stop_at_20)
    fit(resumed, RECIPE, tmp_path / "part")
    assert torch.allclose(resumed.net.weight, whole.net.weight) and torch.allclose(resumed.net.bias, whole.net.bias)


def test_learning_rate_rises_then_falls_to_zero():
    rates = [learning_rate(s, replace(RECIPE, steps=100, warmup=10)) for s in range(100)]
    assert rates[9] == max(rates) == RECIPE.learning_rate and rates[-1] < 0.01 * max(rates)


def test_validation_films_are_training_films_that_nothing_is_fitted_on():
    assert VALIDATION_FILMS and not set(VALIDATION_FILMS) & set(brain_data.TRAIN_FILMS)
    assert set(VALIDATION_FILMS) | set(brain_data.TRAIN_FILMS) == set(range(18))
    film, _ = brain_data.draw_clips(500, torch.Generator().manual_seed(0))
    assert set(film.tolist()) == set(brain_data.TRAIN_FILMS)


def test_targets_are_made_without_a_look_at_test_films(tmp_path, monkeypatch):
    """Encoding the training films and their captions works when test films cannot be rendered or read."""
    real = shots.script
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path))
    monkeypatch.setattr(shots, "N_TR", 2)

    def only_training(kind, index):
        assert kind == "train", "training looked at a test film"
        return real(kind, index)

    monkeypatch.setattr(shots, "script", only_training)
    shots._starts.cache_clear()
    tokens = brain_data.film_tokens(DEMO)
    assert tokens.shape == (18, 2, 6, 16, 128) and len(brain_data.film_captions()) == 36


def test_no_training_code_names_the_test_films():
    sources = {p.name: p.read_text() for p in Path(neuroclips.train.__file__).parent.glob("*.py")}
    assert len(sources) > 10
    assert not [name for name, text in sources.items() if "test_fmri" in text or "SimulatedDataset" in text]


def test_training_can_begin_with_trained_weights():
    module = torch.nn.Sequential(torch.nn.Linear(3, 2))
    with pytest.raises(FileNotFoundError, match="no .*safetensors"):
        load_weights({"net": module}, Path(__file__).parent)
    with pytest.raises(ValueError, match="does not fit this stage"):
        load_weights({"net": module}, DEMO / "clip")
    with pytest.raises(ValueError, match="always starts anew"):
        stages.run("zoo-captioner", start=DEMO / "captioner")


def test_a_codec_that_is_trained_on_keeps_its_latents(tmp_path, monkeypatch):
    """Only the decoder moves: what was trained on the latents still fits."""
    monkeypatch.setattr(zoo_codec, "load", lambda n, frames: (np.zeros((4, 1, 3, 96, 96), np.uint8), None))
    job = zoo_codec.CodecJob(tmp_path, DEMO / "codec")
    known = LatentCodec.from_pretrained(DEMO / "codec")
    moving = {n for n, p in job.codec.vae.named_parameters() if p.requires_grad}
    assert moving and all(n.startswith(("decoder.", "post_quant_conv.")) for n in moving)
    pixels = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(job.codec.eval().encode(pixels), known.encode(pixels), atol=1e-5)


def test_every_stage_has_a_job():
    import importlib

    for name, (module, job, _) in STAGES.items():
        loaded = importlib.import_module(f"neuroclips.train.{module}")
        assert callable(getattr(loaded, job)), name
        assert name in getattr(loaded, "RECIPES", {name: loaded.__dict__.get("RECIPE")})


def test_ridge_directions_are_deterministic_and_orthonormal(generator):
    targets = torch.randn(40, 30, generator=generator)
    directions = brain_data.principal_components(targets, 5)
    assert torch.equal(directions, brain_data.principal_components(targets, 5))
    assert torch.allclose(directions @ directions.T, torch.eye(5), atol=1e-4)
    centred = targets - targets.mean(0)
    assert torch.allclose((centred @ directions.T).square().sum(0), torch.linalg.svdvals(centred)[:5] ** 2, rtol=1e-3)

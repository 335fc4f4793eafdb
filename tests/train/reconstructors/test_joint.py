"""Joint training of the Semantics Reconstructor and the prior is equation 4 by value, not by the names of its terms."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from neuroclips.configure import configure
from neuroclips.train.engine.recipe import Turn
from neuroclips.train.reconstructors.semantic import PRESETS, SemanticJob
from neuroclips.train.reconstructors.study import Study

DELTA, MU, ROWS = 7.0, 0.3, 6
SMALL = {
    "network.ridge_dim": 16,
    "network.hidden_dim": 24,
    "network.head_rank": None,
    "prior.depth": 1,
    "prior.heads": 4,
    "ridge.start": "trained",
    "mse": 0.0,
    "joint": True,
    "delta": DELTA,
    "mu": MU,
}


class Noise:
    """Two training films of noise, and a brain that hears nothing: enough to compute losses on."""

    name, key, n_films = "noise", "0", 2

    def fmri(self, subject):
        return np.random.default_rng(subject).standard_normal((480, 2, 20)).astype(np.float32)

    def frames(self, clip):
        return torch.rand(6, 3, 16, 16, generator=torch.Generator().manual_seed(clip))

    def captions(self, clip):
        return [("a dog running in a park", "a red car on a road", "a boat at sea")[(clip + i) % 3] for i in range(6)]


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    """Weights and data as training has them, without dropout."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEUROCLIPS_CACHE", str(tmp_path_factory.mktemp("cache")))
        torch.manual_seed(0)
        made = SemanticJob(Study(Noise(), (1,)), configure(PRESETS["demo"], SMALL), {1: tmp_path_factory.mktemp("out")})
    torch.nn.init.normal_(made.first.head.weight, std=0.1)  # answers that differ between samples
    for module in made.modules.values():
        module.eval()
    return made


def cross_entropy(one, other, truth, tau):
    """Both directions of -sum of truth * log softmax, over cosines by tau; what equations 8 and 10 have in common."""
    sims = (F.normalize(one, dim=1) @ F.normalize(other, dim=1).T / tau).exp()
    rows, columns = (sims / sims.sum(1, keepdim=True)).log(), (sims / sims.sum(0)).log()
    return -((truth * rows).sum() + (truth * columns).sum()) / (2 * len(one))


def expected_terms(job, batch):
    """L_BiMixCo, L_Prior and L_Reftm of a batch, each from its equation."""
    model, prior, config = job.first, job.prior, job.config
    truth = torch.diag(batch["share"])
    truth[torch.arange(ROWS), batch["partner"]] += 1 - batch["share"]
    mixed = model.projected(batch["inputs"]["1"])
    one, other = ((x - model.centre).flatten(1) for x in (mixed, batch["target"]))
    clean = (batch["target"] - prior.mean) / prior.std
    kept = prior.scheduler.alphas_cumprod[batch["t"]].view(-1, 1, 1)
    noisy = kept.sqrt() * clean + (1 - kept).sqrt() * batch["noise"]
    predicted = prior.predict(noisy, batch["t"], model(batch["clean"]["1"]))
    seen = (predicted * prior.std + prior.mean).mean(1) @ job.projector.proj
    return {
        "bimixco": cross_entropy(one, other, truth, config.temperature),
        "prior": ((predicted - clean) ** 2).mean(),
        "reftm": cross_entropy(seen, batch["text"], torch.eye(ROWS), config.text_temperature),
    }


@torch.no_grad()
def test_joint_loss_is_equation_4(job):
    """L_BiMixCo + delta L_Prior + mu L_Reftm; the prior and Reftm see the fMRI as it is, BiMixCo the mixed one."""
    batch = job.batch(Turn(0, ROWS, seed=4))
    parts = expected_terms(job, batch)
    assert min(parts.values()) > 0.05 and not torch.allclose(batch["inputs"]["1"], batch["clean"]["1"])
    expected = parts["bimixco"] + DELTA * parts["prior"] + MU * parts["reftm"]
    assert sum(job.loss(batch).values()).item() == pytest.approx(expected.item(), rel=1e-4)


@torch.no_grad()
def test_each_weight_scales_its_own_term(job):
    batch, config = job.batch(Turn(1, ROWS, seed=5)), job.config
    parts = expected_terms(job, batch)
    try:
        job.config = replace(config, delta=DELTA + 2, mu=MU + 3)
        changed = sum(job.loss(batch).values())
    finally:
        job.config = config
    gained = (changed - sum(job.loss(batch).values())).item()
    assert gained == pytest.approx((2 * parts["prior"] + 3 * parts["reftm"]).item(), rel=1e-3)


@torch.no_grad()
def test_the_mixed_input_is_equation_7_of_two_samples_of_the_batch(job):
    batch = job.batch(Turn(2, ROWS, seed=6))
    share, clean = batch["share"][:, None], batch["clean"]["1"]
    assert torch.allclose(batch["inputs"]["1"], share * clean + (1 - share) * clean[batch["partner"]], atol=1e-5)

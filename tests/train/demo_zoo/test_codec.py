"""What the codec of the demo zoo learns from: frames and parts of them, and at the end a critic."""

import numpy as np
import pytest
import torch

from neuroclips.pretrained.codec import LatentCodec
from neuroclips.train.demo_zoo import codec as zoo_codec
from neuroclips.train.engine.recipe import Turn
from neuroclips.train.targets.latents import object_weights
from tests.conftest import DEMO

EDGE = 64


@pytest.fixture
def job(monkeypatch, tmp_path):
    """On four frames of random pixels, with the shipped weights."""
    frames = np.random.default_rng(0).integers(0, 256, (4, 1, 3, EDGE, EDGE), np.uint8)
    monkeypatch.setattr(zoo_codec, "load", lambda n, n_frames: (frames[:n], None))
    return zoo_codec.CodecJob(tmp_path / "out", DEMO / "codec", n=4)


def test_at_the_end_the_encoder_rests_and_a_critic_pulls_the_decoder(job):
    """Its gradient in the decoder's last layer is a fifth of the other's, and grows to that at first."""
    moved = {}
    for share in (0.3, 0.9):
        terms = job.loss(Turn(0, 2, share=share))
        (sum(terms.values()) if isinstance(terms, dict) else terms).backward()
        named = [(n, p) for module in job.modules.values() for n, p in module.named_parameters()]
        moved[share] = {n.partition(".")[0] for n, p in named if p.grad is not None and p.grad.abs().max() > 0}
        job.codec.vae.zero_grad(), job.critic.zero_grad()
    assert moved == {
        0.3: {"encoder", "quant_conv", "decoder", "post_quant_conv"},
        0.9: {"decoder", "post_quant_conv", "layers"},
    }
    last, shares = job.codec.vae.decoder.conv_out.weight, []
    for share in (0.56, 1.0):
        terms = job.loss(Turn(0, 2, share=share))
        sizes = [torch.autograd.grad(terms[name], last, retain_graph=True)[0].norm() for name in ("pull", "likeness")]
        shares.append((sizes[0] / sizes[1]).item())
    assert shares[1] == pytest.approx(0.2, rel=0.02) and 0 < shares[0] < 0.1


def test_the_critic_learns_to_tell_frames_apart(job):
    true, made = job.tensors["frames"].float() / 255, torch.full((4, 3, EDGE, EDGE), 0.5)
    optimizer = torch.optim.AdamW(job.critic.parameters(), 1e-3)
    losses = []
    for _ in range(12):
        losses.append(job.critic.misjudged(true, made))
        optimizer.zero_grad()
        losses[-1].backward()
        optimizer.step()
    assert losses[-1] < 0.7 * losses[0] and job.critic(true).mean() > job.critic(made).mean()


def test_a_part_of_a_frame_has_the_weights_of_what_it_shows(job):
    """Every third batch is of parts; frames that are white where the object is say where it is in them."""
    boxes = torch.tensor([[0.1, 0.2, 0.6, 0.7], [0.5, 0.3, 0.9, 0.9], [0.0, 0.0, 0.4, 0.4], [0.3, 0.1, 1.0, 0.5]])
    white = object_weights(boxes, EDGE) > 1
    job.tensors = {"frames": white[:, None].expand(-1, 3, -1, -1).mul(255).byte(), "boxes": boxes}
    for step, edge in ((0, EDGE), (1, EDGE), (2, EDGE * 7 // 8)):
        x, weights = job._drawn(Turn(step, 8, seed=step))
        assert x.shape == (8, 3, edge, edge) and weights.shape == (8, 1, edge, edge)
        assert ((weights > 1) == (x[:, :1] > 0.5)).float().mean() > 0.99
        assert torch.allclose(weights.mean((1, 2, 3)), torch.ones(8))


def test_latents_that_are_written_have_unit_variance(job, tmp_path):
    """Of the frames that were learnt from."""
    job.export()
    known, pixels = LatentCodec.from_pretrained(tmp_path / "out"), job.tensors["frames"].float() / 255
    assert known.encode(pixels).std().item() == pytest.approx(1, abs=0.01)

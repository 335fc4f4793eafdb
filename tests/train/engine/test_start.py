"""Training that begins with trained weights."""

from pathlib import Path

import numpy as np
import pytest
import torch

from neuroclips.pretrained.codec import LatentCodec
from neuroclips.train import stages
from neuroclips.train.demo_zoo import codec as zoo_codec
from neuroclips.train.engine.start import load_weights
from tests.conftest import DEMO


def test_training_can_begin_with_trained_weights():
    module = torch.nn.Sequential(torch.nn.Linear(3, 2))
    with pytest.raises(FileNotFoundError, match="no .*safetensors"):
        load_weights({"net": module}, Path(__file__).parent)
    with pytest.raises(ValueError, match="does not fit this stage"):
        load_weights({"net": module}, DEMO / "clip")
    with pytest.raises(ValueError, match="got --start, which stage zoo-git does not use"):
        stages.run(stages.Order("zoo-git", start=DEMO / "git"))


def test_a_codec_that_is_trained_on_keeps_its_latents(tmp_path, monkeypatch):
    """Only the decoder moves: what was trained on the latents still fits."""
    monkeypatch.setattr(zoo_codec, "load", lambda n, frames: (np.zeros((4, 1, 3, 96, 96), np.uint8), None))
    job = zoo_codec.CodecJob(tmp_path, DEMO / "codec")
    known = LatentCodec.from_pretrained(DEMO / "codec")
    moving = {n for n, p in job.codec.vae.named_parameters() if p.requires_grad}
    assert moving and all(n.startswith(("decoder.", "post_quant_conv.")) for n in moving)
    pixels = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(job.codec.eval().encode(pixels), known.encode(pixels), atol=1e-5)

"""Networks that are replayed: on the CPU they are called as they are; where there is a CUDA device, both agree."""

import copy

import pytest
import torch
from diffusers import UNet2DConditionModel
from torch import nn

from neuroclips.errors import InputError
from neuroclips.placement import placement_of
from neuroclips.pretrained.graphs import MOST, Replayed, quicken
from neuroclips.zoo import zoo_named

SIZES = {"block_out_channels": (32, 32), "layers_per_block": 1, "norm_num_groups": 8, "attention_head_dim": 8}
CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        down, up = ("CrossAttnDownBlock2D", "DownBlock2D"), ("UpBlock2D", "CrossAttnUpBlock2D")
        self.unet = UNet2DConditionModel(8, cross_attention_dim=16, down_block_types=down, up_block_types=up, **SIZES)


@pytest.fixture
def model():
    return Model().eval().requires_grad_(False)


def inputs(n=2, device="cpu"):
    return torch.randn(n, 4, 8, 8, device=device), torch.tensor(500), torch.randn(n, 3, 16, device=device)


@torch.no_grad()
def test_off_a_gpu_a_network_is_called_as_it_is(model):
    given, plain = inputs(), copy.deepcopy(model).unet
    fast = quicken(model).unet
    assert isinstance(fast, Replayed) and quicken(model).unet is fast
    torch.testing.assert_close(fast(*given).sample, plain(*given).sample, rtol=1e-5, atol=1e-6)
    assert not fast.recordings and fast.config.sample_size == 8 and fast.dtype == torch.float32


@CUDA
@torch.no_grad()
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_replay_is_the_call(model, dtype):
    model, plain = model.to("cuda", dtype), copy.deepcopy(model).to("cuda", dtype).unet
    fast = quicken(model).unet
    for n in (2, 1, 2):
        given = [x.to("cuda", dtype) if x.dim() else x for x in inputs(n)]
        torch.testing.assert_close(fast(*given).sample, plain(*given).sample, rtol=2e-2, atol=2e-2)
    assert len(fast.recordings) == 2


@CUDA
@torch.no_grad()
def test_what_is_replayed_is_kept_and_forgotten(model):
    fast = quicken(model.to("cuda")).unet
    first = fast(*inputs(1, "cuda")).sample
    before = first.clone()
    for n in range(1, MOST + 3):
        fast(*inputs(n, "cuda"))
    assert torch.equal(first, before) and len(fast.recordings) == MOST
    fast.forget()
    assert not fast.recordings


@CUDA
@torch.no_grad()
def test_autocast_casts_inside_the_graph(model):
    fast, plain = quicken(model.to("cuda")).unet, copy.deepcopy(model).unet.network
    given = inputs(1, "cuda")
    for _ in range(2):  # casts of the first are gone by the second
        with torch.autocast("cuda", torch.bfloat16):
            replayed = fast(*given).sample
    with torch.autocast("cuda", torch.bfloat16):
        torch.testing.assert_close(replayed, plain(*given).sample, rtol=2e-2, atol=2e-2)


@CUDA
@torch.no_grad()
def test_what_cannot_be_recorded_is_said_once():
    class Waits(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(2, 2)

        def forward(self, x):
            return self.linear(x) * x.sum().item()

    model = nn.Module()
    model.unet = Waits().to("cuda").requires_grad_(False)
    fast = quicken(model).unet
    with pytest.warns(UserWarning, match="Waits runs without a CUDA graph, as slow as ever"):
        fast(torch.ones(1, 2, device="cuda"))
    assert torch.isfinite(fast(torch.ones(1, 2, device="cuda"))).all()


def test_a_speed_needs_a_gpu_that_holds_all_models():
    with pytest.raises(InputError, match="got speed 'fast', expected one of: graphs, compiled"):
        placement_of(zoo_named(), "cpu", speed="fast")
    with pytest.raises(InputError, match="got speed graphs on the device cpu with memory 'whole', expected a CUDA"):
        placement_of(zoo_named(), "cpu", speed="graphs")

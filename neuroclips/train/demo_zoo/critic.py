"""A critic that pulls a decoder towards frames that look sharp: PatchGAN (Isola et al. 2017), spectrally normed."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.utils.parametrizations import spectral_norm

WIDTH, STRIDES = 64, (2, 2, 1, 1)
PULL = 0.2  # of the gradient of the other losses, in the decoder's last layer


class Critic(nn.Module):
    """Says of patches of 46 pixels whether they are of true frames (B, 3, H, W) in [0, 1]: above 0, they are."""

    def __init__(self):
        super().__init__()
        widths = (3, WIDTH, 2 * WIDTH, 4 * WIDTH, 1)
        sizes = zip(widths[:-1], widths[1:], STRIDES, strict=True)
        self.layers = nn.ModuleList(spectral_norm(nn.Conv2d(i, o, 4, stride, 1)) for i, o, stride in sizes)

    def forward(self, frames: Tensor) -> Tensor:
        x = 2 * frames - 1
        for layer in self.layers[:-1]:
            x = F.leaky_relu(_convolved(layer, x), 0.2)
        return _convolved(self.layers[-1], x).float()  # (B, 1, h, w)

    def misjudged(self, true: Tensor, made: Tensor) -> Tensor:
        """Hinge loss of what it says; only the critic learns from it."""
        return F.relu(1 - self(true)).mean() + F.relu(1 + self(made.detach())).mean()

    def pull(self, made: Tensor, likeness: Tensor, last: Tensor) -> Tensor:
        """Loss that only the decoder learns from; in its `last` weights the gradient is PULL of that of `likeness`."""
        taught = {name: value.detach() for name, value in self.named_parameters()}
        caught = -functional_call(self, taught, (made,)).mean()
        wanted, given = (torch.autograd.grad(loss, last, retain_graph=True)[0].norm() for loss in (likeness, caught))
        return PULL * (wanted / (given + 1e-4)).clamp(0, 1e3) * caught


def _convolved(layer: Any, x: Tensor) -> Tensor:
    """The layer's output, in whatever precision; its weight's largest singular value is found in float32."""
    kind = x.device.type
    with torch.autocast(kind, enabled=False) if torch.amp.is_autocast_available(kind) else nullcontext():
        weight = layer.weight
    return F.conv2d(x, weight, layer.bias, layer.stride, layer.padding)

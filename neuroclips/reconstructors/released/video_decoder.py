"""Maps of single frames to latents of a video: residual and attention layers over space and over frames.

The released code's "DecoderVideo". It is the decoder half of a VAE, with attention at every side, and beside each
spatial attention one over frames that knows no frame position.
"""

from __future__ import annotations

import torch
from diffusers.models.attention_processor import Attention
from diffusers.models.resnet import ResnetBlock2D
from diffusers.models.upsampling import Upsample2D
from torch import Tensor, nn

GROUPS, EPS = 32, 1e-6  # of all group norms


class FrameBlock(nn.Module):
    """Attention over space, then over frames, mixed by a learned scalar that starts where frames are ignored."""

    def __init__(self, channels: int, n_layers: int):
        super().__init__()
        self.attentions = nn.ModuleList([_attention(channels) for _ in range(n_layers)])
        self.temp_attentions = nn.ModuleList([_attention(channels) for _ in range(n_layers)])
        self.weights = nn.ParameterList([nn.Parameter(torch.ones(1)) for _ in range(n_layers)])

    def attend(self, layer: int, x: Tensor, group_length: int) -> Tensor:
        """w S + (1 - w) T(S), where S is the spatial layer's output and T attends over frames; x : (N, c, h, w)."""
        space, weight = self.attentions[layer](x), self.weights[layer]
        groups = [over_frames(self.temp_attentions[layer], group) for group in space.split(group_length)]
        return weight * space + (1 - weight) * torch.cat(groups)


class MidBlock(FrameBlock):
    """Residual layer, attentions, residual layer, at one side and width."""

    def __init__(self, channels: int):
        super().__init__(channels, 1)
        self.resnets = nn.ModuleList([_resnet(channels, channels), _resnet(channels, channels)])

    def forward(self, x: Tensor, group_length: int) -> Tensor:
        """(N, c, h, w) to the same shape."""
        return self.resnets[1](self.attend(0, self.resnets[0](x, None), group_length), None)


class UpBlock(FrameBlock):
    """Twice a residual layer with attentions, then double the side unless it is the last block."""

    def __init__(self, channels: int, out_channels: int, upsample: bool):
        super().__init__(out_channels, 2)
        self.resnets = nn.ModuleList([_resnet(channels, out_channels), _resnet(out_channels, out_channels)])
        if upsample:
            self.upsamplers = nn.ModuleList([Upsample2D(out_channels, use_conv=True)])

    def forward(self, x: Tensor, group_length: int) -> Tensor:
        """(N, c, h, w) to (N, c', 2h, 2w), or h, w in the last block."""
        for layer, resnet in enumerate(self.resnets):
            x = self.attend(layer, resnet(x, None), group_length)
        return self.upsamplers[0](x) if hasattr(self, "upsamplers") else x


class VideoDecoder(nn.Module):
    """Convolution, mid block, one up block per width, convolution."""

    def __init__(self, start_channels: int, channels: tuple[int, ...], latent_channels: int):
        super().__init__()
        self.conv_in = nn.Conv2d(start_channels, channels[0], 3, padding=1)
        self.mid_block = MidBlock(channels[0])
        ins, last = (channels[0], *channels), len(channels) - 1
        self.up_blocks = nn.ModuleList([UpBlock(ins[i], out, upsample=i < last) for i, out in enumerate(channels)])
        self.conv_norm_out = nn.GroupNorm(GROUPS, channels[-1], EPS)
        self.conv_out = nn.Conv2d(channels[-1], latent_channels, 3, padding=1)

    def forward(self, maps: Tensor, group_length: int) -> Tensor:
        """Maps (N, start_channels, side, side) of N frames to their latents; attention is within groups of frames."""
        x = self.mid_block(self.conv_in(maps), group_length)
        for block in self.up_blocks:
            x = block(x, group_length)
        return self.conv_out(nn.functional.silu(self.conv_norm_out(x)))


def over_frames(attention: nn.Module, frames: Tensor) -> Tensor:
    """Attend, at each place, over all these frames; (n, c, h, w) to the same shape."""
    n, c, h, w = frames.shape
    rows = frames.permute(2, 3, 0, 1).reshape(h * w, n, c)  # (h w, n, c)
    return attention(rows).reshape(h, w, n, c).permute(2, 3, 0, 1)  # (n, c, h, w)


def _attention(channels: int) -> Attention:
    """One head of full width, with its own norm and residual."""
    return Attention(
        channels, heads=1, dim_head=channels, norm_num_groups=GROUPS, eps=EPS, bias=True, residual_connection=True
    )


def _resnet(channels: int, out_channels: int) -> ResnetBlock2D:
    return ResnetBlock2D(in_channels=channels, out_channels=out_channels, temb_channels=None, eps=EPS, groups=GROUPS)

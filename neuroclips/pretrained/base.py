"""The places where people swap a model, each asking for the least it can do, and the door that all of them share.

A model is given pixels, tokens or sentences of any size, on any device and in any dtype: moving, resizing and casting
them is its own affair. What it gives is float32, on its own device.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import isfunction
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from neuroclips.noise import Generators
from neuroclips.pretrained import precision
from neuroclips.turns import device_of, in_turn
from neuroclips.types import AlphaMode

Look = Callable[[], Tensor]  # the picture (3, H, W) in [0, 1] that a model predicts now, made when it is called
OnStep = Callable[[float, Look], None]  # told after each step of denoising: the share that is done, and the look of it


class Codec(Protocol):
    """Pixels (..., 3, H, W) in [0, 1] to scaled latents (..., C, h, w) and back."""

    def encode(self, pixels: Tensor) -> Tensor: ...

    def decode(self, latents: Tensor) -> Tensor: ...


class TextEncoder(Protocol):
    """Sentences to the states of their words (B, n_words, width) that a text-to-video model reads."""

    def text_tokens(self, sentences: Sequence[str]) -> Tensor: ...

    def unconditional(self, sentences: Sequence[str]) -> Tensor:
        """What the unconditional half of guidance reads of negative prompts, which may be empty, in the same shape."""


class KeyframeGenerator(Protocol):
    """Image tokens (B, n_tokens, clip_dim) and first blurry frames (B, 3, H, W) to keyframes (B, 3, H, W)."""

    def __call__(
        self,
        image_tokens: Tensor,
        first_frames: Tensor | None,
        *,
        start: float,
        num_inference_steps: int,
        guidance_scale: float,
        generators: Generators,
        solver: str,
        on_step: OnStep | None = None,
    ) -> Tensor: ...


class Captioner(Protocol):
    """Keyframes (B, 3, H, W), and the image tokens (B, n_tokens, clip_dim) behind them, to B sentences."""

    def __call__(self, keyframes: Tensor, image_tokens: Tensor) -> list[str]: ...


class VideoGenerator(Protocol):
    """B captions, keyframes (B, 3, H, W), blurry videos (B, n, 3, H, W) to videos (B, n_video_frames, 3, H, W).

    A keyframe is the first frame of its film, a tail (B, 3, H, W), where there are any, the last one.
    """

    device: torch.device
    precision: str  # what it computes in, such as "float32"

    def __call__(
        self,
        captions: Sequence[str],
        keyframes: Tensor | None,
        blurry_videos: Tensor | None,
        *,
        n_video_frames: int,
        theta: float,
        start: float,
        num_inference_steps: int,
        guidance_scale: float,
        generators: Generators,
        solver: str,
        on_step: OnStep | None = None,
        negative_prompts: Sequence[str] | None = None,
        alpha_mode: AlphaMode = "partial",
        control_halves: str = "conditional",
        tails: Tensor | None = None,
        pixels: int | None = None,
    ) -> Tensor: ...


class Frozen(nn.Module):
    """A frozen model that knows where it runs and in what it computes.

    What a class of these defines for others to call, which is every method whose name has no leading underscore, and
    __call__, runs in the turn of its model (neuroclips/turns.py), but for what is marked there to take turns itself.
    """

    mixes_bfloat16 = True  # whether float32 weights are computed in bfloat16 where the device has it

    def __init_subclass__(cls, **more: Any):
        super().__init_subclass__(**more)
        for name, method in list(vars(cls).items()):
            if isfunction(method) and (name == "__call__" or not name.startswith("_")):
                setattr(cls, name, in_turn(method))

    @property
    def device(self) -> torch.device:
        return device_of(self)

    @property
    def dtype(self) -> torch.dtype:
        return next(self.parameters()).dtype

    @property
    def precision(self) -> str:
        """What it computes in, as results name it."""
        return "bfloat16" if precision.mixes(self) else str(self.dtype).removeprefix("torch.")

    def moved(self, values: Tensor) -> Tensor:
        """Numbers as the model takes them: on its device, in its dtype."""
        return values.to(self.device, self.dtype)


def resized(pixels: Tensor, size: int | tuple[int, int], mode: str = "bicubic") -> Tensor:
    """Pixels (..., 3, H, W) at another size, antialiased, in float32: half precision has no such kernel on a CPU."""
    height, width = (size, size) if isinstance(size, int) else size
    flat = pixels.reshape(-1, *pixels.shape[-3:]).float()
    small = F.interpolate(flat, size=(height, width), mode=mode, antialias=True, align_corners=False)
    return small.reshape(*pixels.shape[:-2], height, width)


def fitted(pixels: Tensor, size: int) -> Tensor:
    """Pixels (..., 3, H, W) in [0, 1] as a square of that edge; those of that size are left as they are."""
    return pixels if pixels.shape[-2:] == (size, size) else resized(pixels, size).clamp(0, 1)

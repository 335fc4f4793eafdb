"""The places where people swap a model, each asking for the least it can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor


class Codec(Protocol):
    """Pixels (..., 3, H, W) in [0, 1] to scaled latents (..., C, h, w) and back."""

    def encode(self, pixels: Tensor) -> Tensor: ...

    def decode(self, latents: Tensor) -> Tensor: ...


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
        generator: torch.Generator,
        solver: str,
        on_step: Callable[[float], None] | None = None,
    ) -> Tensor: ...


class Captioner(Protocol):
    """Keyframes (B, 3, H, W), and the image tokens (B, n_tokens, clip_dim) behind them, to B sentences."""

    def __call__(self, keyframes: Tensor, image_tokens: Tensor) -> list[str]: ...


class VideoGenerator(Protocol):
    """Caption, keyframe (3, H, W) and blurry video (n_frames, 3, H, W) to a video (n_video_frames, 3, H, W)."""

    def __call__(
        self,
        caption: str,
        keyframe: Tensor | None,
        blurry_video: Tensor | None,
        *,
        n_video_frames: int,
        theta: float,
        start: float,
        num_inference_steps: int,
        guidance_scale: float,
        generator: torch.Generator,
        solver: str,
        on_step: Callable[[float], None] | None = None,
    ) -> Tensor: ...

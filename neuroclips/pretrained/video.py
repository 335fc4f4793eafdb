"""Caption, keyframe and blurry video to the final video: a frozen text-to-video model under all three guidances.

diffusers has SparseCtrl without a start video and a start video without SparseCtrl; NeuroClips needs both, so this
file is the loop over the diffusers components (UNetMotionModel, SparseControlNetModel and a scheduler).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch
from diffusers import DDIMScheduler, MotionAdapter, SparseControlNetModel, UNet2DConditionModel, UNetMotionModel
from torch import Tensor, nn

from neuroclips.errors import InputError
from neuroclips.noise import Generators, randn
from neuroclips.pretrained.base import Frozen, OnStep, TextEncoder, fitted
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.pretrained.keyframes import pad_channels
from neuroclips.pretrained.precision import in_bfloat16
from neuroclips.pretrained.schedule import (
    Scheduler,
    begun,
    for_both_halves,
    get_timesteps,
    guide,
    scaled_for,
    step,
    with_solver,
    with_unconditional,
)
from neuroclips.types import AlphaMode


def image_unet(source: str | Path, *, subfolder=None, revision=None, dtype=torch.float32) -> UNet2DConditionModel:
    """The frozen image model under the motion adapter."""
    return UNet2DConditionModel.from_pretrained(source, subfolder=subfolder, revision=revision, torch_dtype=dtype)


def motion_adapter(source: str | Path, *, subfolder=None, revision=None, dtype=torch.float32) -> MotionAdapter:
    """Motion modules between the layers of an image model (Guo et al. 2023, AnimateDiff)."""
    return MotionAdapter.from_pretrained(source, subfolder=subfolder, revision=revision, torch_dtype=dtype)


def sparse_ctrl(source: str | Path, *, subfolder=None, revision=None, dtype=torch.float32) -> SparseControlNetModel:
    """What lets single frames guide a film (Guo et al. 2023, SparseCtrl)."""
    return SparseControlNetModel.from_pretrained(source, subfolder=subfolder, revision=revision, torch_dtype=dtype)


class AnimateDiffSparseCtrl(Frozen):
    """AnimateDiff with SparseCtrl (RGB, latent condition) on the first frame."""

    def __init__(
        self,
        unet: UNetMotionModel,
        control: SparseControlNetModel,
        scheduler: Scheduler,
        codec: LatentCodec,
        text: TextEncoder,
    ):
        super().__init__()
        self.unet, self.control, self.scheduler = unet, control, scheduler
        self.codec, self.text = codec, text

    @classmethod
    def from_pretrained(
        cls,
        source: str | Path,
        image_model: UNet2DConditionModel,
        adapter: MotionAdapter,
        control: SparseControlNetModel,
        codec: LatentCodec,
        text: TextEncoder,
        *,
        subfolder=None,
        revision=None,
        dtype=torch.float32,
    ) -> AnimateDiffSparseCtrl:
        """The parts put together under the noise schedule in scheduler/ of a folder or a hub repository."""
        below = f"{subfolder}/" if subfolder else ""
        scheduler = DDIMScheduler.from_pretrained(source, subfolder=f"{below}scheduler", revision=revision)
        unet = UNetMotionModel.from_unet2d(image_model, adapter)  # as diffusers makes it, in the image model's dtype
        return cls(unet, control, scheduler, codec, text).eval().requires_grad_(False)

    @property
    def pixels(self) -> int:
        """The edge of a film that is made where no other is asked for."""
        return self.unet.config.sample_size * self.codec.factor

    @torch.no_grad()
    @in_bfloat16
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
        solver: str = "ddim",
        on_step: OnStep | None = None,
        negative_prompts: Sequence[str] | None = None,
        alpha_mode: AlphaMode = "partial",
        control_halves: str = "conditional",
        tails: Tensor | None = None,
        pixels: int | None = None,
    ) -> Tensor:
        """Generate B videos (B, n_video_frames, 3, H, W) in [0, 1].

        keyframes : (B, 3, H, W) in [0, 1], given to SparseCtrl as frame 0, or None for no beta guidance.
        control_halves : of classifier-free guidance, which halves SparseCtrl reaches: "conditional", so that the
            keyframe is guided like the words (diffusers' guess mode, at full strength), or "both" as in the released
            code.
        blurry_videos : (B, n, 3, H, W) in [0, 1], interpolated to n_video_frames, or None for no alpha guidance.
        alpha_mode, theta, start : equation 5 takes the blurry video for a state at theta * T and noises it up to where
            denoising begins, the share `start` of the schedule (`schedule.begun`); without it that is pure noise.
        negative_prompts : B sentences for the unconditional half; None are empty ones.
        tails : (B, 3, H, W) in [0, 1], given to SparseCtrl as the last frame beside the keyframes, or None.
        pixels : edge of the films; None is that of the image model. Raises InputError for part of a latent.
        """
        edge = self._edge(pixels)
        # 1. Words
        words = self.moved(self.text.text_tokens(captions))  # (B, n_words, width)
        context = words if guidance_scale == 1 else torch.cat([words, self._unsaid(negative_prompts, len(words))])
        context = context.repeat_interleave(n_video_frames, 0)  # (2 B n_video_frames, n_words, width)
        # 2. Start: the blurry video of equation 5, or noise
        scheduler = with_solver(self.scheduler, solver)
        timesteps = get_timesteps(scheduler, num_inference_steps, start if blurry_videos is not None else 1.0)
        latents = self._noise(n_video_frames, edge // self.codec.factor, generators)
        if blurry_videos is not None:
            blurry = self.codec.encode(fitted(interpolate_frames(blurry_videos, n_video_frames), edge))
            latents = begun(scheduler, blurry, timesteps[0], latents, alpha_mode, theta)
        latents = scaled_for(scheduler, latents, timesteps[0]).transpose(1, 2)  # (B, C, n_frames, h, w)
        # 3. Sparse condition
        if keyframes is not None:
            encoded = self.codec.encode(fitted(keyframes, edge))
            sparse = on_first_frame(encoded.to(self.dtype), latents.to(self.dtype))
            if tails is not None:
                ends = self.codec.encode(fitted(tails, edge))
                sparse[0][:, :, -1], sparse[1][:, :, -1] = ends.to(self.dtype), 1
        # 4. Denoise
        for i, t in enumerate(timesteps):
            both = for_both_halves(scheduler.scale_model_input(latents, t), guidance_scale).to(self.dtype)
            residuals = {}
            if keyframes is not None:
                residuals = sparse_residuals(self.control, t, context, *sparse, guidance_scale, control_halves)
            predicted = self.unet(pad_channels(both, self.unet.config.in_channels), t, context, **residuals).sample
            guided = guide(predicted.float(), guidance_scale)
            latents, clean = step(scheduler, guided, t, latents)
            if on_step:
                on_step((i + 1) / len(timesteps), partial(self._look, clean[:1, :, n_video_frames // 2]))
        # 5. Pixels
        return self.codec.decode(latents.transpose(1, 2))

    def _look(self, latents: Tensor) -> Tensor:
        return self.codec.decode(latents)[0]

    def _edge(self, pixels: int | None) -> int:
        if pixels and pixels % self.codec.factor:
            raise InputError(f"got pixels {pixels}, expected a multiple of {self.codec.factor}, those of a latent")
        return pixels or self.pixels

    def _noise(self, n_frames: int, side: int, generators: Generators) -> Tensor:
        """(B, n_frames, C, side, side)."""
        return randn((n_frames, self.codec.channels, side, side), generators).to(self.device)

    def _unsaid(self, negative_prompts: Sequence[str] | None, n: int) -> Tensor:
        """What the unconditional half reads (n, n_words, width)."""
        return self.moved(self.text.unconditional(negative_prompts or [""] * n))


def on_first_frame(keyframes: Tensor, latents: Tensor) -> tuple[Tensor, Tensor]:
    """Zero canvas like latents (B, C, F, h, w) and mask (B, 1, F, h, w), with keyframes (B, C, h, w) and ones first."""
    condition, mask = torch.zeros_like(latents), torch.zeros_like(latents[:, :1])
    condition[:, :, 0], mask[:, :, 0] = keyframes, 1
    return condition, mask


def sparse_residuals(
    control: nn.Module,
    t: Tensor,
    context: Tensor,
    condition: Tensor,
    mask: Tensor,
    guidance_scale: float = 1.0,
    halves: str = "conditional",
) -> dict:
    """What SparseCtrl, which sees no noisy latents (Guo et al. 2023), adds inside the UNet, as the UNet's arguments.

    Under guidance the UNet's batch is twice as large, with an unconditional half that comes second: it gets zeros, or
    with `halves` "both" what SparseCtrl says to its words. context : (B n_frames, n_words, width), of both halves.
    """
    n_rows = len(condition) * condition.shape[2]
    if halves == "both" and len(context) > n_rows:
        condition, mask, n_rows = condition.repeat(2, 1, 1, 1, 1), mask.repeat(2, 1, 1, 1, 1), len(context)
    words = context[:n_rows]
    down, mid = control(torch.zeros_like(condition), t, words, condition, conditioning_mask=mask, return_dict=False)
    if len(context) > n_rows:
        *down, mid = (with_unconditional(x, guidance_scale) for x in (*down, mid))
    return {"down_block_additional_residuals": down, "mid_block_additional_residual": mid}


def interpolate_frames(videos: Tensor, n_frames: int) -> Tensor:
    """Linear interpolation in time, (..., n, 3, H, W) to (..., n_frames, 3, H, W): 3 fps to 8 fps in the paper (4.2).

    Both span the same seconds and frame k stands for its start, so the last frames hold what came last.
    """
    n = videos.shape[-4]
    place = (torch.arange(n_frames) * n / n_frames).clamp(max=n - 1).to(videos.device)
    before = place.floor().long()
    after, share = (before + 1).clamp(max=n - 1), (place - before).view(-1, 1, 1, 1)
    return (1 - share) * videos[..., before, :, :, :] + share * videos[..., after, :, :, :]

"""Caption, keyframe and blurry video to the final video: a frozen text-to-video model under all three guidances.

diffusers has SparseCtrl without a start video and a start video without SparseCtrl; NeuroClips needs both, so this
file is the loop over the diffusers components (UNetMotionModel, SparseControlNetModel and a scheduler).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from diffusers import DDIMScheduler, MotionAdapter, SparseControlNetModel, UNet2DConditionModel, UNetMotionModel
from torch import Tensor, nn

from neuroclips.pretrained.clip import OpenClip
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.pretrained.keyframes import pad_channels
from neuroclips.pretrained.precision import in_bfloat16
from neuroclips.pretrained.schedule import Scheduler, diffuse_from, get_timesteps, guide, randn, scaled_for, with_solver


class AnimateDiffSparseCtrl(nn.Module):
    """AnimateDiff with SparseCtrl (RGB, latent condition) on the first frame."""

    def __init__(
        self,
        unet: UNetMotionModel,
        control: SparseControlNetModel,
        scheduler: Scheduler,
        codec: LatentCodec,
        clip: OpenClip,
    ):
        super().__init__()
        self.unet, self.control, self.scheduler = unet, control, scheduler
        self.codec, self.clip = codec, clip

    @classmethod
    def from_pretrained(
        cls, folder: str | Path, image_model: str | Path, codec: LatentCodec, clip: OpenClip
    ) -> AnimateDiffSparseCtrl:
        """Motion adapter, SparseCtrl and schedule in `folder`, put on the UNet of an image model."""
        image_unet = UNet2DConditionModel.from_pretrained(image_model, subfolder="unet", torch_dtype=torch.float32)
        adapter = MotionAdapter.from_pretrained(folder, subfolder="motion", torch_dtype=torch.float32)
        unet = UNetMotionModel.from_unet2d(image_unet, adapter)
        control = SparseControlNetModel.from_pretrained(folder, subfolder="control", torch_dtype=torch.float32)
        scheduler = DDIMScheduler.from_pretrained(folder, subfolder="scheduler")
        return cls(unet, control, scheduler, codec, clip).eval().requires_grad_(False)

    @torch.no_grad()
    @in_bfloat16
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
        solver: str = "ddim",
        on_step: Callable[[float], None] | None = None,
    ) -> Tensor:
        """Generate a video (n_video_frames, 3, H, W) in [0, 1].

        keyframe : (3, H, W) in [0, 1], given to SparseCtrl as frame 0, or None for no beta guidance. Like the words,
            only the conditional half of classifier-free guidance sees it (diffusers' guess mode, at full strength).
        blurry_video : (n_frames, 3, H, W) in [0, 1], interpolated to n_video_frames, or None for no alpha guidance.
        theta, start : equation 5 takes the blurry video for a state at theta * T and noises it up to the share
            `start` of the schedule, where denoising begins; without it denoising begins at pure noise.
        """
        # 1. Words
        words = self.clip.text_tokens([caption])
        context = torch.cat([words, torch.zeros_like(words)])  # conditional first, as `guide` takes them
        context = context.repeat_interleave(n_video_frames, 0)  # (2 * n_video_frames, n_words, width)
        # 2. Start: the blurry video of equation 5, or noise
        scheduler = with_solver(self.scheduler, solver)
        timesteps = get_timesteps(scheduler, num_inference_steps, start if blurry_video is not None else 1.0)
        side = self.unet.config.sample_size
        latents = randn((n_video_frames, self.codec.channels, side, side), generator)
        if blurry_video is not None:
            blurry = self.codec.encode(interpolate_frames(blurry_video, n_video_frames))
            latents = diffuse_from(scheduler, blurry, timesteps[0], theta, latents)
        latents = scaled_for(scheduler, latents, timesteps[0]).transpose(0, 1)[None]  # (1, C, n_video_frames, h, w)
        # 3. Sparse condition
        if keyframe is not None:
            sparse = on_first_frame(self.codec.encode(keyframe[None]), latents)
        # 4. Denoise
        for i, t in enumerate(timesteps):
            both = torch.cat([scheduler.scale_model_input(latents, t)] * 2)
            residuals = {}
            if keyframe is not None:
                residuals = sparse_residuals(self.control, t, context.chunk(2)[0], *sparse, guided=True)
            predicted = self.unet(pad_channels(both, self.unet.config.in_channels), t, context, **residuals).sample
            latents = scheduler.step(guide(*predicted.float().chunk(2), guidance_scale), t, latents).prev_sample
            if on_step:
                on_step((i + 1) / len(timesteps))
        # 5. Pixels
        return self.codec.decode(latents[0].transpose(0, 1))


def on_first_frame(keyframes: Tensor, latents: Tensor) -> tuple[Tensor, Tensor]:
    """Zero canvas like latents (B, C, F, h, w) and mask (B, 1, F, h, w), with keyframes (B, C, h, w) and ones first."""
    condition, mask = torch.zeros_like(latents), torch.zeros_like(latents[:, :1])
    condition[:, :, 0], mask[:, :, 0] = keyframes, 1
    return condition, mask


def sparse_residuals(
    control: nn.Module, t: Tensor, words: Tensor, condition: Tensor, mask: Tensor, guided: bool = False
) -> dict:
    """What SparseCtrl, which sees no noisy latents (Guo et al. 2023), adds inside the UNet, as the UNet's arguments.

    guided : the UNet's batch is twice as large, with an unconditional half that comes second and gets zeros.
    """
    down, mid = control(torch.zeros_like(condition), t, words, condition, conditioning_mask=mask, return_dict=False)
    if guided:
        *down, mid = (torch.cat([x, torch.zeros_like(x)]) for x in (*down, mid))
    return {"down_block_additional_residuals": down, "mid_block_additional_residual": mid}


def interpolate_frames(video: Tensor, n_frames: int) -> Tensor:
    """Linear interpolation in time, (n, 3, H, W) to (n_frames, 3, H, W): 3 fps to 8 fps in the paper (section 4.2).

    Both span the same seconds and frame k stands for its start, so the last frames hold what came last.
    """
    place = (torch.arange(n_frames) * len(video) / n_frames).clamp(max=len(video) - 1)
    before = place.floor().long()
    after, share = (before + 1).clamp(max=len(video) - 1), (place - before).view(-1, 1, 1, 1)
    return (1 - share) * video[before] + share * video[after]

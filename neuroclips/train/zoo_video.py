"""Train the demo text-to-video model (UNetMotionModel with SparseControlNetModel): --stage zoo-video.

The motion UNet starts from the keyframe UNet and SparseCtrl starts from the motion UNet. Both are trained together on
web clips, the first frame given in four of five batches, the words dropped in one of ten for guidance.
"""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import MotionAdapter, SparseControlNetModel, UNet2DConditionModel, UNetMotionModel
from torch import Tensor

from neuroclips.config import ZOOS
from neuroclips.train.export import save_half
from neuroclips.train.job import Job
from neuroclips.train.latents import object_weights, velocity_loss, web_latents, web_text_tokens
from neuroclips.train.recipe import Recipe, Turn
from neuroclips.train.start import load_weights
from neuroclips.train.webdata import CLIP_FPS, CLIP_FRAMES, draw, time_of, web_shots
from neuroclips.train.zoo_keyframes import WIDTHS, build_scheduler

RECIPE = Recipe(steps=420, learning_rate=8e-4, batch_size=2, ema=0.995)
N_CLIPS = 1400
TRAINED_ON = ("mid_block", "up_blocks.2", "conv_norm_out", "conv_out")  # of weights that are started from
FIRST = 20_000  # web shots that the image models did not see


def build_unet(image_unet: UNet2DConditionModel) -> UNetMotionModel:
    adapter = MotionAdapter(
        block_out_channels=WIDTHS, motion_layers_per_block=1, motion_mid_block_layers_per_block=1,
        motion_num_attention_heads=4, motion_norm_num_groups=16, motion_max_seq_length=32, use_motion_mid_block=False,
    )  # fmt: skip
    return UNetMotionModel.from_unet2d(image_unet, adapter)


def build_control(unet: UNetMotionModel, image_unet: UNet2DConditionModel) -> SparseControlNetModel:
    """SparseCtrl of the UNet's size and, where they match, with its weights; its output convolutions are zero."""
    control = SparseControlNetModel(
        in_channels=4, conditioning_channels=4, block_out_channels=WIDTHS, layers_per_block=1, norm_num_groups=16,
        down_block_types=("CrossAttnDownBlockMotion", "CrossAttnDownBlockMotion", "DownBlockMotion"),
        cross_attention_dim=unet.config.cross_attention_dim, attention_head_dim=4, motion_max_seq_length=32,
        motion_num_attention_heads=4, use_simplified_condition_embedding=True, concat_conditioning_mask=True,
    )  # fmt: skip
    source, target = unet.state_dict(), control.state_dict()
    shared = {k: v for k, v in source.items() if k in target and target[k].shape == v.shape}
    control.load_state_dict(shared, strict=False)
    return control


class VideoJob(Job):
    """Denoise web clips given their words and, mostly, their first frame.

    From `start`, only the middle and the last up block of the UNet are trained: enough to follow a change of look.
    """

    def __init__(self, out: Path, start: Path | None = None):
        self.out, zoo = out, ZOOS["demo"].folder
        image_unet = UNet2DConditionModel.from_pretrained(zoo / "keyframes" / "unet", torch_dtype=torch.float32)
        unet = build_unet(image_unet)
        self.modules = {"unet": unet, "control": build_control(unet, image_unet)}
        self.latents = web_latents(N_CLIPS, CLIP_FRAMES, FIRST, zoo / "codec")  # (N, F, 4, 12, 12)
        self.words = web_text_tokens(N_CLIPS, zoo / "clip", FIRST)
        self.shots, self.times = web_shots(FIRST, N_CLIPS), [time_of(i) for i in range(FIRST, FIRST + N_CLIPS)]
        self.scheduler = build_scheduler()
        if start:
            load_weights(self.modules, start)
            for name, weight in self.modules["unet"].named_parameters():
                weight.requires_grad_(name.startswith(TRAINED_ON))
            self.modules["control"].requires_grad_(False)

    def loss(self, turn: Turn) -> Tensor:
        generator = turn.local_generator
        chosen = draw(N_CLIPS, turn.local_size, generator)
        clean = self.latents[chosen].transpose(1, 2)  # (B, C, F, h, w)
        noise = torch.randn(clean.shape, generator=generator)
        t = torch.randint(self.scheduler.config.num_train_timesteps, (len(clean),), generator=generator)
        noisy = self.scheduler.add_noise(clean, noise, t)
        words = self.words[chosen] * (torch.rand(len(clean), 1, 1, generator=generator) > 0.1)
        words = words.repeat_interleave(CLIP_FRAMES, 0)
        residuals = {}
        if torch.rand(1, generator=generator).item() < 0.8:
            residuals = self._residuals(clean, noisy, t, words)
        predicted = self.modules["unet"](noisy, t, words, **residuals).sample
        return velocity_loss(self.scheduler, predicted, clean, noise, t, self._weights(chosen))

    def _residuals(self, clean: Tensor, noisy: Tensor, t: Tensor, words: Tensor) -> dict:
        condition, mask = torch.zeros_like(clean), torch.zeros_like(clean[:, :1])
        condition[:, :, 0], mask[:, :, 0] = clean[:, :, 0], 1
        down, mid = self.modules["control"](
            torch.zeros_like(noisy), t, words, condition, conditioning_mask=mask, return_dict=False
        )
        return {"down_block_additional_residuals": down, "mid_block_additional_residual": mid}

    def _weights(self, chosen) -> Tensor:
        """Loss weights (B, 1, F, side, side) that follow the object's box."""
        side = self.latents.shape[-1]
        frames = [
            object_weights([self.shots[i] for i in chosen], [self.times[i] + f / CLIP_FPS for i in chosen], side)
            for f in range(CLIP_FRAMES)
        ]
        return torch.stack(frames, 2)

    def export(self) -> None:
        for name, module in self.modules.items():
            save_half(module, self.out / name)
        self.scheduler.save_pretrained(self.out / "scheduler")

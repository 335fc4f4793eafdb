"""Train the demo image model (UNet2DConditionModel on CLIP tokens or words): --stage zoo-keyframes.

A third of the batches is conditioned on the words of the caption instead of image tokens (both are 128 wide): the same
UNet is the keyframe generator and the frozen image model under the motion adapter, as in AnimateDiff.
"""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor

from neuroclips.config import ZOOS
from neuroclips.pretrained.clip import OpenClip
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.pretrained.judges import FrameJudge
from neuroclips.pretrained.keyframes import UnclipKeyframes, with_grid
from neuroclips.train.demo_zoo.scores import accuracy, class_of
from neuroclips.train.engine.export import save_half
from neuroclips.train.engine.job import Job
from neuroclips.train.engine.recipe import Recipe, Turn
from neuroclips.train.engine.start import load_weights
from neuroclips.train.targets.latents import (
    object_weights,
    velocity_loss,
    web_image_tokens,
    web_latents,
    web_text_tokens,
)
from neuroclips.web.films import draw, held_out_frames, time_of, web_shots

RECIPE = Recipe(steps=3500, learning_rate=1e-3, batch_size=32, ema=0.999, mixed_precision="bf16", validate_every=1000)
N_SHOTS = 16_000
WIDTHS = (64, 128, 192)


def build_scheduler() -> DDIMScheduler:
    """v-prediction with zero terminal SNR (Lin et al. 2024), so that pure noise is a fair start."""
    return DDIMScheduler(
        beta_schedule="scaled_linear",
        beta_start=0.00085,
        beta_end=0.012,
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        clip_sample=False,
    )


def build_unet(clip_dim: int, channels: int, side: int = 12) -> UNet2DConditionModel:
    """Its inputs are latents and the grid of tokens; its cross-attention reads tokens or words."""
    return UNet2DConditionModel(
        sample_size=side,
        in_channels=channels + clip_dim,
        out_channels=channels,
        block_out_channels=WIDTHS,
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=clip_dim,
        attention_head_dim=4,
        norm_num_groups=16,
    )


def as_decoded(tokens: Tensor, mean: Tensor, share: Tensor, generator: torch.Generator) -> Tensor:
    """Tokens (B, n_tokens, clip_dim) as a decoder would give them that explains `share` (B,) of their variance.

    Such a posterior mean is mean + share (truth - mean) and an error of variance share (1 - share). The error here is a
    mix of four other rows, so that it varies as tokens do. Models that learn from it make whole pictures of tokens that
    are not quite right, which is what noise augmentation is for (Ho et al. 2022; Ramesh et al. 2022).
    """
    deviation, share = tokens - mean, share.view(-1, 1, 1)
    others = sum(deviation[torch.randperm(len(tokens), generator=generator)] for _ in range(4)) / 2
    return mean + share * deviation + (share * (1 - share)).sqrt() * others


class KeyframeJob(Job):
    """Denoise web latents given their own CLIP tokens, half of them as if decoded; one in ten times without."""

    bars = {"class": 0.95}
    web_shots = (0, N_SHOTS)

    def __init__(self, out: Path, start: Path | None = None):
        self.out, zoo = out, ZOOS["demo"].folder
        self.latents = web_latents(N_SHOTS, 1, 0, zoo / "codec")[:, 0]  # (N, C, 12, 12)
        self.tokens = web_image_tokens(N_SHOTS, zoo / "clip")  # (N, n_tokens, clip_dim)
        self.mean = self.tokens.mean(0)
        self.words = web_text_tokens(N_SHOTS, zoo / "clip")  # (N, n_words, clip_dim)
        shots = web_shots(0, N_SHOTS)
        self.weights = object_weights(shots, [time_of(i) for i in range(N_SHOTS)], self.latents.shape[-1])
        self.scheduler = build_scheduler()
        self.modules = {"unet": build_unet(self.tokens.shape[-1], self.latents.shape[1])}
        self.modules["unet"].set_attn_processor(AttnProcessor())  # in bfloat16 on a CPU twice as fast as the fused one
        if start:
            load_weights(self.modules, start)

    def loss(self, turn: Turn) -> Tensor:
        generator = turn.local_generator
        chosen = torch.from_numpy(draw(N_SHOTS, turn.local_size, generator))
        by_words = torch.rand(1, generator=generator).item() < 1 / 3
        clean, tokens = self.latents[chosen], self.words[chosen] if by_words else self._tokens(chosen, generator)
        noise = torch.randn(clean.shape, generator=generator)
        t = torch.randint(self.scheduler.config.num_train_timesteps, (len(clean),), generator=generator)
        tokens = tokens * (torch.rand(len(clean), 1, 1, generator=generator) > 0.1)
        unet, noisy = self.modules["unet"], self.scheduler.add_noise(clean, noise, t)
        predicted = unet(with_grid(noisy, None if by_words else tokens, unet.config.in_channels), t, tokens).sample
        return velocity_loss(self.scheduler, predicted, clean, noise, t, self.weights[chosen])

    def _tokens(self, chosen: Tensor, generator: torch.Generator) -> Tensor:
        """Those of chosen frames, half of them with 0.2 to 1 of their variance explained."""
        share = 0.2 + 0.8 * torch.rand(len(chosen), generator=generator)
        share = torch.where(torch.rand(len(chosen), generator=generator) < 0.5, share, 1.0)
        return as_decoded(self.tokens[chosen], self.mean, share, generator)

    def validate(self) -> dict[str, float]:
        """Share of keyframes from the true tokens of held-out web frames whose class the frame judge tells."""
        zoo, (frames, shots) = ZOOS["demo"].folder, held_out_frames(96)
        codec, clip = LatentCodec.from_pretrained(zoo / "codec"), OpenClip.from_pretrained(zoo / "clip")
        keyframes = UnclipKeyframes(self.modules["unet"], self.scheduler, codec)(
            clip.image_tokens(frames),
            None,
            start=1.0,
            num_inference_steps=14,
            guidance_scale=2.0,
            generator=torch.Generator().manual_seed(0),
        )
        return {"class": accuracy(FrameJudge.from_pretrained(zoo / "frame_judge")(keyframes), class_of(shots))}

    def export(self) -> None:
        save_half(self.modules["unet"], self.out / "unet")
        self.scheduler.save_pretrained(self.out / "scheduler")

"""Train the demo image model (UNet2DConditionModel on CLIP tokens or words): --stage zoo-keyframes.

A third of the batches is conditioned on the words of the caption instead of image tokens (both are 128 wide): the same
UNet is the keyframe generator and the frozen image model under the motion adapter, as in AnimateDiff.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor

from neuroclips.pretrained.keyframes import UnclipKeyframes, with_grid
from neuroclips.train.demo_zoo.guided import any_noise
from neuroclips.train.demo_zoo.scores import accuracy, class_of
from neuroclips.train.engine import draws
from neuroclips.train.engine.export import save_model, save_scheduler
from neuroclips.train.engine.job import Job
from neuroclips.train.engine.recipe import Recipe, Turn
from neuroclips.train.engine.start import load_weights
from neuroclips.train.spec import RECIPE as RECIPE_OPTIONS
from neuroclips.train.spec import StageSpec
from neuroclips.train.targets.latents import (
    object_weights,
    velocity_loss,
    web_image_tokens,
    web_latents,
    web_text_tokens,
)
from neuroclips.web.films import held_out_frames, web_boxes
from neuroclips.zoo import Zoo, load_part

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


def build_unet(clip_dim: int, channels: int, side: int) -> UNet2DConditionModel:
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
    kinds: tuple[str, ...] = ("words", "web", "web")  # of batches, alike likely
    modules: dict[str, Any]  # of diffusers, whose classes a type checker does not see
    web_shots, n_samples = (0, N_SHOTS), N_SHOTS

    def __init__(self, zoo: Zoo, out: Path, start: Path | None = None, n: int | None = None):
        self.zoo, self.out, self.scheduler, n = zoo, out, build_scheduler(), n or N_SHOTS
        self.web_shots, self.n_samples = (0, n), n
        latents = web_latents(n, 1, 0, zoo)[:, 0]  # (N, C, h, w)
        tokens = web_image_tokens(n, zoo)  # (N, n_tokens, clip_dim)
        self.tensors = {
            "latents": latents,
            "tokens": tokens,
            "mean": tokens.mean(0),
            "words": web_text_tokens(n, zoo),  # (N, n_words, clip_dim)
            "weights": object_weights(web_boxes(0, n, 1), latents.shape[-1]),  # (N, 1, h, w)
        }
        self.modules = {"unet": build_unet(tokens.shape[-1], *latents.shape[1:3])}
        self.modules["unet"].set_attn_processor(AttnProcessor())  # in bfloat16 on a CPU twice as fast as the fused one
        if start:
            load_weights(self.modules, start)

    def loss(self, turn: Turn) -> Tensor:
        generator = turn.local_generator
        kind = self.kinds[int(torch.randint(len(self.kinds), (1,), generator=generator))]
        clean, tokens, weights, noise, t = self.draw(kind, turn.local_size, generator)
        tokens = tokens * (draws.uniform((len(clean), 1, 1), generator, self.device) > 0.1)
        unet, noisy = self.modules["unet"], self.scheduler.add_noise(clean, noise, t)
        grid = None if kind == "words" else tokens
        predicted = unet(with_grid(noisy, grid, unet.config.in_channels), t, tokens).sample
        return velocity_loss(self.scheduler, predicted, clean, noise, t, weights)

    def draw(self, kind: str, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Latents (n, C, h, w), tokens or words, loss weights, noise and timesteps (n,) of a batch of one kind."""
        known, chosen = self.tensors, draws.indices(self.n_samples, n, generator, self.device)
        tokens = known["words"][chosen] if kind == "words" else self._tokens(chosen, generator)
        clean = known["latents"][chosen]
        return clean, tokens, known["weights"][chosen], *any_noise(self.scheduler, clean, generator)

    def _tokens(self, chosen: Tensor, generator: torch.Generator) -> Tensor:
        """Those of chosen frames, half of them with 0.2 to 1 of their variance explained."""
        share = 0.2 + 0.8 * draws.uniform((len(chosen),), generator, self.device)
        share = torch.where(draws.uniform((len(chosen),), generator, self.device) < 0.5, share, 1.0)
        return as_decoded(self.tensors["tokens"][chosen], self.tensors["mean"], share, generator)

    def validate(self) -> dict[str, float]:
        """Share of keyframes from the true tokens of held-out web frames whose class the frame judge tells."""
        frames, shots = held_out_frames(96)
        keyframes = UnclipKeyframes(self.modules["unet"], self.scheduler, load_part(self.zoo, "codec"))(
            load_part(self.zoo, "clip").image_tokens(frames),
            None,
            start=1.0,
            num_inference_steps=self.zoo.settings.keyframe_steps,
            guidance_scale=self.zoo.settings.keyframe_guidance,
            solver=self.zoo.settings.keyframe_solver,
            generators=[torch.Generator().manual_seed(i) for i in range(len(frames))],
        )
        return {"class": accuracy(load_part(self.zoo, "frame judge")(keyframes), class_of(shots))}

    def export(self) -> None:
        save_model(self.modules["unet"], self.out / "unet", self.dtype)
        save_scheduler(self.scheduler, self.out / "scheduler")


STAGE = StageSpec(
    "zoo-keyframes",
    lambda given: KeyframeJob(given.zoo, given.out, given.start, given.n_web),
    {"demo": RECIPE},
    role="keyframes",
    needs=("clip", "text encoder", "codec"),
    options=("start", *RECIPE_OPTIONS),
    large_batch=768,
)

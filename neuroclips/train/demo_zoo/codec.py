"""Train the demo codec (AutoencoderKL) on web frames: python -m neuroclips train --stage zoo-codec."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch import Tensor

from neuroclips.errors import InputError
from neuroclips.film_size import film_pixels
from neuroclips.metrics.pixel import psnr
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.reading import read_json
from neuroclips.train.demo_zoo.scores import in_parts
from neuroclips.train.engine import draws
from neuroclips.train.engine.export import save_model
from neuroclips.train.engine.job import Job
from neuroclips.train.engine.recipe import Recipe, Turn
from neuroclips.train.engine.start import load_weights
from neuroclips.train.spec import RECIPE as RECIPE_OPTIONS
from neuroclips.train.spec import StageSpec
from neuroclips.train.targets.latents import object_weights
from neuroclips.web.films import held_out_frames, load, to_pixels, web_boxes

RECIPE = Recipe(
    steps=8000,
    learning_rate=1.2e-3,
    batch_size=8,
    weight_decay=0.0,
    ema=0.998,
    mixed_precision="bf16",
    validate_every=500,
)
N_SHOTS, PATCH, LATENT_CHANNELS = 16_000, 4, 8  # the best linear code of 4 channels has 22.1 dB, of 8 it has 24.8 dB


def _scale(config: Path) -> float:
    """What latents are multiplied by, from the codec that is started from."""
    scale = read_json(config).get("scaling_factor")
    if not isinstance(scale, float | int) or not scale > 0:
        raise InputError(f"{config}: got scaling_factor {scale}, expected a number above 0")
    return scale


def build() -> LatentCodec:
    levels = (96, 192)
    vae = AutoencoderKL(
        sample_size=film_pixels() // PATCH,
        in_channels=3 * PATCH**2,
        out_channels=3 * PATCH**2,
        latent_channels=LATENT_CHANNELS,
        block_out_channels=levels,
        layers_per_block=1,
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        norm_num_groups=16,
    )
    return LatentCodec(vae)


class CodecJob(Job):
    """L1 + 2 MSE + a small KL; the coefficients are our own trials.

    From `start`, only the decoder is trained, on what the eye looks for: objects count three times, and edges count.
    Latents stay what the models trained on them know.
    """

    bars = {"psnr": 27.0}
    web_shots, n_samples = (0, N_SHOTS), N_SHOTS

    def __init__(self, out: Path, start: Path | None = None):
        self.codec, self.out, self.started = build(), out, start is not None
        self.modules = {"vae": self.codec.vae}
        if start:
            load_weights(self.modules, start)
            self.codec.vae.encoder.requires_grad_(False)
            self.codec.vae.quant_conv.requires_grad_(False)
            self.codec.vae.register_to_config(scaling_factor=_scale(start / "config.json"))
        self.tensors = {"frames": torch.from_numpy(load(N_SHOTS, 1)[0][:, 0])}
        if start:
            self.tensors["boxes"] = web_boxes(0, len(self.tensors["frames"]), 1)[:, 0]

    def loss(self, turn: Turn) -> Tensor:
        generator = turn.local_generator
        chosen = draws.indices(N_SHOTS, turn.local_size, generator, self.device)
        x = to_pixels(self.tensors["frames"][chosen])
        posterior = self.codec.distribution(x)
        error = self.codec.to_pixels(posterior.sample(generator)) - x
        if self.started:
            return self._seen(error, chosen)
        return error.abs().mean() + 2 * error.square().mean() + 1e-6 * posterior.kl().mean()

    def _seen(self, error: Tensor, chosen: Tensor) -> Tensor:
        """Error (B, 3, H, W) weighted by object, plus that of the differences between neighbouring pixels."""
        weights = object_weights(self.tensors["boxes"][chosen], error.shape[-1])[:, None]  # (B, 1, H, W)
        edges = (weights * error).diff(dim=-1).abs().mean() + (weights * error).diff(dim=-2).abs().mean()
        return (weights * error.abs()).mean() + 2 * (weights * error.square()).mean() + edges

    def validate(self) -> dict[str, float]:
        """Signal-to-noise of held-out web frames after the codec."""
        x, _ = held_out_frames()
        return {"psnr": psnr(in_parts(lambda part: self.codec.decode(self.codec.encode(part)).cpu(), x), x)}

    @torch.no_grad()
    def export(self) -> None:
        if not self.started:
            x = to_pixels(self.tensors["frames"][:256])
            std = torch.cat([self.codec.distribution(part).mode() for part in x.split(32)]).std()
            self.codec.vae.register_to_config(scaling_factor=round(1 / std.item(), 5))
        save_model(self.codec.vae, self.out, self.dtype)


STAGE = StageSpec(
    "zoo-codec",
    lambda given: CodecJob(given.out, given.start),
    {"demo": RECIPE},
    role="codec",
    options=("start", *RECIPE_OPTIONS),
)

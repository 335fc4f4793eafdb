"""Train the demo codec (AutoencoderKL) on web frames: python -m neuroclips train --stage zoo-codec."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch import Tensor

from neuroclips.film_size import film_pixels
from neuroclips.metrics.pixel import psnr
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.train.demo_zoo.critic import Critic
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
WITH_CRITIC, RAMP = 0.45, 0.15  # share of the run, its last; and of that, in which the critic's pull rises
CROP = 7 / 8  # of the edge


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
    """L1 + 2 MSE + edges on what the eye looks for, where objects count three times, and a small KL.

    A third of the batches are smaller crops. At the end of the run the encoder rests, and a critic pulls the decoder.
    The coefficients are our own trials.
    """

    bars = {"psnr": 27.0}
    web_shots, n_samples = (0, N_SHOTS), N_SHOTS

    def __init__(self, out: Path, start: Path | None = None, n: int | None = None):
        self.codec, self.critic, self.out, n = build(), Critic(), out, n or N_SHOTS
        self.web_shots, self.n_samples = (0, n), n
        self.modules = {"vae": self.codec.vae, "critic": self.critic}
        if start:
            load_weights({"vae": self.codec.vae}, start)
        self.tensors = {"frames": torch.from_numpy(load(n, 1)[0][:, 0]), "boxes": web_boxes(0, n, 1)[:, 0]}

    def loss(self, turn: Turn) -> Tensor | dict[str, Tensor]:
        generator, (x, weights) = turn.local_generator, self._drawn(turn)
        criticised = (turn.share - (1 - WITH_CRITIC)) / WITH_CRITIC  # share of that part of the run
        if criticised < 0:
            posterior = self.codec.distribution(x)
            made = self.codec.to_pixels(posterior.sample(generator))
            return seen(made - x, weights) + 1e-6 * posterior.kl().mean()
        with torch.no_grad():
            latents = self.codec.distribution(x).sample(generator)
        made = self.codec.to_pixels(latents).float()
        likeness = seen(made - x, weights)
        pull = self.critic.pull(made, likeness, self.codec.vae.decoder.conv_out.weight)
        ramp = min(1.0, criticised / RAMP)
        return {"likeness": likeness, "pull": ramp * pull, "critic": self.critic.misjudged(x, made)}

    def _drawn(self, turn: Turn) -> tuple[Tensor, Tensor]:
        """Frames (B, 3, H, W), or the same part of all of them, and weights of their pixels (B, 1, H, W)."""
        generator, known = turn.local_generator, self.tensors
        chosen = draws.indices(self.n_samples, turn.local_size, generator, self.device)
        x, boxes, edge = to_pixels(known["frames"][chosen]), known["boxes"][chosen], known["frames"].shape[-1]
        size = edge
        if turn.step % 3 == 2:
            size = int(CROP * edge) // self.codec.factor * self.codec.factor
            left, top = torch.randint(edge - size + 1, (2,), generator=generator).tolist()
            x = x[..., top : top + size, left : left + size]
            boxes = (boxes * edge - boxes.new_tensor([left, top, left, top])) / size
        return x, object_weights(boxes, size)[:, None]

    def validate(self) -> dict[str, float]:
        """Signal-to-noise of held-out web frames after the codec."""
        x, _ = held_out_frames()
        return {"psnr": psnr(in_parts(lambda part: self.codec.decode(self.codec.encode(part)).cpu(), x), x)}

    @torch.no_grad()
    def export(self) -> None:
        x = to_pixels(self.tensors["frames"][:256])
        std = torch.cat([self.codec.distribution(part).mode() for part in x.split(32)]).std()
        self.codec.vae.register_to_config(scaling_factor=round(1 / std.item(), 5))
        save_model(self.codec.vae, self.out, self.dtype)


def seen(error: Tensor, weights: Tensor) -> Tensor:
    """Error (B, 3, H, W) under weights (B, 1, H, W), plus that of the differences between neighbouring pixels."""
    edges = (weights * error).diff(dim=-1).abs().mean() + (weights * error).diff(dim=-2).abs().mean()
    return (weights * error.abs()).mean() + 2 * (weights * error.square()).mean() + edges


STAGE = StageSpec(
    "zoo-codec",
    lambda given: CodecJob(given.out, given.start, given.n_web),
    {"demo": RECIPE},
    role="codec",
    options=("start", *RECIPE_OPTIONS),
    large_batch=128,
)

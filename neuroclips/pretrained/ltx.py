"""LTX-Video (HaCohen et al. 2024): all three guidances in one call of diffusers' LTXConditionPipeline.

The keyframe is the first frame as a condition, the blurry video are latents that are noised and denoised from there,
the words are read by T5.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from diffusers import (
    AutoencoderKLLTXVideo,
    FlowMatchEulerDiscreteScheduler,
    LTXConditionPipeline,
    LTXVideoTransformer3DModel,
)
from diffusers.models.autoencoders.vae import DecoderOutput
from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition
from torch import Tensor

from neuroclips.errors import InputError
from neuroclips.noise import Generators
from neuroclips.pretrained.base import Frozen, OnStep, fitted
from neuroclips.pretrained.ltx_text import LtxText
from neuroclips.pretrained.video import interpolate_frames
from neuroclips.sizes.ltx import FILE, TRANSFORMER, VAE
from neuroclips.turns import takes_turns, turn
from neuroclips.types import AlphaMode
from neuroclips.video_models import LTX_PIXELS

SECONDS = 2  # of a clip
FIRST, LAST = 0, -1  # frames that a condition may be of
# as diffusers documents for the distilled models of 0.9.7 and 0.9.8
DECODING = {"decode_timestep": 0.05, "decode_noise_scale": 0.025, "image_cond_noise_scale": 0.0}


class LtxCodec(AutoencoderKLLTXVideo):
    """diffusers' codec of LTX-Video, but for slices of a batch, which there lose their noise levels."""

    def decode(self, z: Tensor, temb: Tensor | None = None, return_dict: bool = True) -> Any:
        """Latents (B, C, f, h, w) and noise levels (B,) to films (B, 3, n, H, W) in [-1, 1]."""
        rows = range(len(z)) if self.use_slicing else ()
        if len(rows) < 2:
            return super().decode(z, temb, return_dict)
        levels = [None] * len(z) if temb is None else temb.split(1)
        films = torch.cat([self._decode(z[i : i + 1], levels[i]).sample for i in rows])
        return DecoderOutput(films) if return_dict else (films,)


def ltx_vae(source: str | Path, *, subfolder=None, revision=None, dtype=torch.float32) -> LtxCodec:
    """The video codec from a folder: of Lightricks' one file where it is there, else as diffusers has it."""
    return _from_folder(LtxCodec, source, subfolder, "vae", VAE, dtype)


class LtxVideo(Frozen):
    """The transformer and the video codec of LTX-Video behind the protocol of a video model."""

    mixes_bfloat16 = False  # its norms keep the dtype of its weights

    def __init__(self, transformer: LTXVideoTransformer3DModel, vae: AutoencoderKLLTXVideo, text: LtxText):
        super().__init__()
        self.transformer, self.vae, self.text = transformer, vae, text

    @classmethod
    def from_pretrained(
        cls,
        source: str | Path,
        vae: AutoencoderKLLTXVideo,
        text: LtxText,
        *,
        subfolder=None,
        revision=None,
        dtype=torch.float32,
    ) -> LtxVideo:
        """The transformer from a folder: of Lightricks' one file where it is there, else as diffusers has it."""
        transformer = _from_folder(LTXVideoTransformer3DModel, source, subfolder, "transformer", TRANSFORMER, dtype)
        return cls(transformer, vae, text).eval().requires_grad_(False)

    @takes_turns
    @torch.no_grad()
    def __call__(
        self,
        captions: Sequence[str],
        keyframes: Tensor | None,
        blurry_videos: Tensor | None,
        *,
        n_video_frames: int,
        start: float,
        num_inference_steps: int,
        guidance_scale: float,
        generators: Generators,
        on_step: OnStep | None = None,
        negative_prompts: Sequence[str] | None = None,
        alpha_mode: AlphaMode = "partial",
        pixels: int | None = None,
        tails: Tensor | None = None,
        **ignored: Any,
    ) -> Tensor:
        """Generate B videos (B, n_video_frames, 3, H, W) in [0, 1].

        keyframes, tails : (B, 3, H, W) in [0, 1], conditions of the first frame and of the one after the last, or None.
        blurry_videos : (B, n, 3, H, W) in [0, 1], noised to where the last `start` share of the steps begins, which
            may not be all of them; None starts from pure noise.
        pixels : edge of the films; None is 512. ignored : what has no meaning here: theta, solver, control_halves.

        Raises InputError for another alpha mode than partial, and for an edge that is no multiple of 32.
        """
        edge, n_frames = pixels or LTX_PIXELS, self._n_frames(n_video_frames)
        if edge % (grid := self.vae.spatial_compression_ratio):
            raise InputError(f"got pixels {edge}, expected a multiple of {grid}, those of a latent")
        call = Call.of(self)
        share = None if blurry_videos is None else _share(num_inference_steps, start, alpha_mode)
        words = self._read(captions, negative_prompts, guidance_scale)  # T5 goes before the other models come
        given = [(keyframes, FIRST), (tails, LAST)]
        conditions = [
            LTXVideoCondition(image=fitted(picture.float(), edge), frame_index=index % n_frames)
            for picture, index in given
            if picture is not None
        ]
        with turn(self):
            begun: dict[str, Any] = {}
            if blurry_videos is not None:
                latents = self._latents(blurry_videos, n_video_frames, n_frames, edge)
                begun = {"latents": latents, "denoise_strength": share}
            films = call(
                conditions=conditions or None,
                height=edge,
                width=edge,
                num_frames=n_frames,
                frame_rate=n_video_frames / SECONDS,
                num_inference_steps=num_inference_steps,
                guidance_scale=guidance_scale,
                generator=list(generators),
                output_type="pt",
                callback_on_step_end=call.telling(on_step, self._sizes(n_frames, edge), n_video_frames // 2),
                callback_on_step_end_tensor_inputs=["latents", "noise_pred", "timestep"],
                **words,
                **begun,
                **DECODING,
            ).frames  # (B, n_frames, 3, H, W)
        return films[:, :n_video_frames].float()

    def _n_frames(self, wanted: int) -> int:
        """The least number, a first frame and whole latents of several, that `wanted` frames are part of."""
        ratio = self.vae.temporal_compression_ratio
        return -(-(wanted - 1) // ratio) * ratio + 1

    def _sizes(self, n_frames: int, edge: int) -> tuple[int, int, int]:
        """(f, h, w) of the latents of a film."""
        side = edge // self.vae.spatial_compression_ratio
        return (n_frames - 1) // self.vae.temporal_compression_ratio + 1, side, side

    def _read(self, captions: Sequence[str], negative_prompts: Sequence[str] | None, guidance_scale: float) -> dict:
        """Words, and under guidance negative ones, as arguments of the pipeline."""
        states, mask = self.text.text_tokens(captions)
        read = {"prompt_embeds": states.to(self.device, self.dtype), "prompt_attention_mask": mask.to(self.device)}
        if guidance_scale > 1:
            unsaid = self._read(negative_prompts or [""] * len(captions), None, 1.0)
            read |= {f"negative_{name}": value for name, value in unsaid.items()}
        return read

    def _latents(self, videos: Tensor, n_video_frames: int, n_frames: int, edge: int) -> Tensor:
        """Normalised latents (B, C, f, h, w) of blurry videos (B, n, 3, H, W); the last frame lasts to the end."""
        frames = fitted(interpolate_frames(videos, n_video_frames), edge)
        frames = torch.cat([frames, frames[:, -1:].expand(-1, n_frames - n_video_frames, -1, -1, -1)], 1)
        encoded = self.vae.encode(self.moved(2 * frames - 1).transpose(1, 2)).latent_dist.mode()
        return Call._normalize_latents(encoded.float(), self.vae.latents_mean, self.vae.latents_std)


def _share(n_steps: int, start: float, alpha_mode: str) -> float:
    """`denoise_strength` by which diffusers, which cuts the fraction off, runs the last `start` share of the steps."""
    if alpha_mode != "partial":
        raise InputError(f"got alpha mode {alpha_mode}, expected partial: at the end of this schedule is no signal")
    run = max(1, round(n_steps * start))
    if run >= n_steps:
        raise InputError(f"got start {start:g} of {n_steps} steps, expected fewer than all: the first is of pure noise")
    return (run + 0.5) / n_steps


class Call(LTXConditionPipeline):
    """One use of diffusers' pipeline, on models that are elsewhere: where, with which noise, and how far it is."""

    _callback_tensor_inputs = [*LTXConditionPipeline._callback_tensor_inputs, "noise_pred", "timestep"]

    at = torch.device("cpu")

    @classmethod
    def of(cls, video: LtxVideo) -> Call:
        """On the models of this one, where they run."""
        call = cls(FlowMatchEulerDiscreteScheduler(), video.vae, None, None, video.transformer)
        call.at = video.device
        call.set_progress_bar_config(disable=True)
        return call

    @property
    def _execution_device(self) -> torch.device:
        return self.at

    def prepare_latents(self, *args: Any, sigma: Tensor | None = None, **more: Any) -> tuple:
        """diffusers spreads the noise level (B,), the same for all, over the width of a film instead of the batch."""
        return super().prepare_latents(*args, sigma=None if sigma is None else sigma[:1], **more)

    def telling(self, on_step: OnStep | None, latents: tuple[int, int, int], frame: int) -> Any:
        """What is called after each step; shown is that frame of the first film, of latents (f, h, w)."""
        if not on_step:
            return None

        def told(_, i: int, t: Tensor, now: dict[str, Tensor]) -> dict:
            sigma = self.scheduler.sigmas[self.scheduler.step_index]
            after, moving = now["latents"][:1], now["timestep"][:1, :, None] > 0  # conditions are clean, and stay
            clean = after - moving * sigma * now["noise_pred"][:1].float()  # (1, n_tokens, C)
            on_step((i + 1) / self.num_timesteps, partial(self._look, clean, latents, frame))
            return {}

        return told

    def _look(self, clean: Tensor, latents: tuple[int, int, int], frame: int) -> Tensor:
        own = clean[:, -prod(latents) :]  # without conditions, which lie before
        unpacked = self._unpack_latents(own, *latents)
        scaled = self._denormalize_latents(unpacked, self.vae.latents_mean, self.vae.latents_std)
        t = torch.tensor([DECODING["decode_timestep"]]).to(clean) if self.vae.config.timestep_conditioning else None
        return (self.vae.decode(scaled.to(self.vae.dtype), t).sample[0, :, frame].float() / 2 + 0.5).clamp(0, 1)


def _from_folder(kind: Any, source: str | Path, subfolder: str | None, name: str, config: dict, dtype: torch.dtype):
    home = Path(source, subfolder or "")
    if (home / FILE).is_file():
        return from_file(kind, home / FILE, config, dtype)
    return kind.from_pretrained(home, subfolder=name, torch_dtype=dtype)


def from_file(model: Any, file: Path, config: dict[str, Any], dtype: torch.dtype) -> Any:
    """A model of Lightricks' one file, by diffusers' own table of keys; only its config is another's affair."""
    with TemporaryDirectory() as folder:
        model.from_config(config).save_config(folder)
        return model.from_single_file(str(file), config=folder, torch_dtype=dtype)

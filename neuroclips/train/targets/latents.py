"""Latents of web frames and clips, encoded once by the shipped codec and kept in the cache folder."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from neuroclips.files import made_once, whole_file
from neuroclips.paths import cache_dir
from neuroclips.pretrained.clip import OpenClip
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.simulation.motion import box
from neuroclips.train.targets.encoders import weights_key
from neuroclips.web.films import load, to_pixels, web_shots


def save_tensor(value, path: Path) -> None:
    """torch.save that never leaves half a file under the final name."""
    with whole_file(path) as partial:
        torch.save(value, partial)


def web_latents(n_shots: int, n_frames: int, first: int, codec_dir: Path) -> Tensor:
    """Scaled latents (n_shots, n_frames, channels, 12, 12) of web shots."""
    path = cache_dir("web") / f"latents_{first}_{n_shots}x{n_frames}_{weights_key(codec_dir)}.pt"
    made_once(path, lambda: save_tensor(_latents(n_shots, n_frames, first, codec_dir), path))
    return torch.load(path, weights_only=True)


@torch.no_grad()
def _latents(n_shots: int, n_frames: int, first: int, codec_dir: Path) -> Tensor:
    codec = LatentCodec.from_pretrained(codec_dir)
    frames, _ = load(n_shots, n_frames, first)
    flat = frames.reshape(-1, *frames.shape[2:])
    parts = [codec.encode(to_pixels(flat[i : i + 64])) for i in tqdm(range(0, len(flat), 64), desc="latents")]
    return torch.cat(parts).unflatten(0, (n_shots, n_frames))  # (n_shots, n_frames, channels, 12, 12)


def web_image_tokens(n_shots: int, clip_dir: Path) -> Tensor:
    """CLIP image tokens (n_shots, n_tokens, clip_dim) of single web frames."""
    path = cache_dir("web") / f"tokens_{n_shots}_{weights_key(clip_dir)}.pt"
    made_once(path, lambda: save_tensor(_image_tokens(n_shots, clip_dir), path))
    return torch.load(path, weights_only=True)


@torch.no_grad()
def _image_tokens(n_shots: int, clip_dir: Path) -> Tensor:
    clip = OpenClip.from_pretrained(clip_dir)
    frames, _ = load(n_shots, 1)
    parts = [clip.image_tokens(to_pixels(frames[i : i + 128, 0])) for i in tqdm(range(0, n_shots, 128))]
    return torch.cat(parts)


@torch.no_grad()
def web_text_tokens(n_shots: int, clip_dir: Path, first: int = 0) -> Tensor:
    """Per-word states (n_shots, n_words, text_width) of the captions of web shots."""
    clip = OpenClip.from_pretrained(clip_dir)
    captions = [shot.caption for shot in web_shots(first, n_shots)]
    known = sorted(set(captions))
    states = torch.cat([clip.text_tokens(known[i : i + 128]) for i in range(0, len(known), 128)])
    row = {sentence: i for i, sentence in enumerate(known)}
    return states[[row[c] for c in captions]]


def object_weights(shots, times, side: int) -> Tensor:
    """Loss weights (B, 1, side, side) with mean 1 that count the object's box three times."""
    grid = (torch.arange(side) + 0.5) / side
    left, top, right, bottom = torch.tensor([box(s, t) for s, t in zip(shots, times, strict=True)]).float().T
    inside_x = (grid > left[:, None]) & (grid < right[:, None])
    inside_y = (grid > top[:, None]) & (grid < bottom[:, None])
    weights = 1 + 2 * (inside_y[:, :, None] & inside_x[:, None, :]).float()[:, None]  # (B, 1, side, side)
    return weights / weights.mean(dim=(1, 2, 3), keepdim=True)


def velocity_loss(scheduler, predicted: Tensor, clean: Tensor, noise: Tensor, t: Tensor, weights: Tensor) -> Tensor:
    """Mean squared error of the v-prediction (Salimans and Ho 2022), weighted per pixel."""
    error = F.mse_loss(predicted, scheduler.get_velocity(clean, noise, t), reduction="none")
    return (error * weights).mean()

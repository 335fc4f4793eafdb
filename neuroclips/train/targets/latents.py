"""Latents of web frames and clips, encoded once by the shipped codec and kept in the cache folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from neuroclips.files import whole_file
from neuroclips.kept import kept_file
from neuroclips.paths import cache_dir
from neuroclips.tensors import read_saved
from neuroclips.train.targets.encoders import weights_key
from neuroclips.train.targets.words import distinct
from neuroclips.web.films import load, to_pixels, web_shots
from neuroclips.zoo import Zoo, load_part

Made = TypeVar("Made", Tensor, dict[str, Tensor])


def save_tensor(value, path: Path) -> None:
    """torch.save that never leaves half a file under the final name."""
    with whole_file(path) as partial:
        torch.save(value, partial)


def web_latents(n_shots: int, n_frames: int, first: int, zoo: Zoo) -> Tensor:
    """Scaled latents (n_shots, n_frames, channels, h, w) of web shots."""
    key = weights_key(zoo.part("codec"))
    return kept(f"latents_{first}_{n_shots}x{n_frames}_{key}", lambda: _latents(n_shots, n_frames, first, zoo))


@torch.no_grad()
def _latents(n_shots: int, n_frames: int, first: int, zoo: Zoo) -> Tensor:
    codec, frames = load_part(zoo, "codec"), load(n_shots, n_frames, first)[0]
    flat = frames.reshape(-1, *frames.shape[2:])  # (n_shots * n_frames, 3, H, W)
    parts = [codec.encode(to_pixels(flat[i : i + 64])).cpu() for i in tqdm(range(0, len(flat), 64), desc="latents")]
    return torch.cat(parts).unflatten(0, (n_shots, n_frames))  # (n_shots, n_frames, channels, h, w)


def web_image_tokens(n_shots: int, zoo: Zoo) -> Tensor:
    """CLIP image tokens (n_shots, n_tokens, clip_dim) of single web frames."""
    return kept(f"tokens_{n_shots}_{weights_key(zoo.part('clip'))}", lambda: _image_tokens(n_shots, zoo))


@torch.no_grad()
def _image_tokens(n_shots: int, zoo: Zoo) -> Tensor:
    clip, frames = load_part(zoo, "clip"), load(n_shots, 1)[0][:, 0]
    return torch.cat([clip.image_tokens(to_pixels(frames[i : i + 128])).cpu() for i in tqdm(range(0, n_shots, 128))])


def kept(name: str, make: Callable[[], Made]) -> Made:
    """A tensor, or several by name, of the cache folder, made when it is not there."""
    path = cache_dir("web") / f"{name}.pt"
    with torch.random.fork_rng(devices=[]):  # whether it is there already changes nobody's draws
        return kept_file(path, lambda: save_tensor(make(), path), read_saved)


@torch.no_grad()
def web_text_tokens(n_shots: int, zoo: Zoo, first: int = 0) -> Tensor:
    """Per-word states (n_shots, n_words, text_width) of the captions of web shots."""
    known, which = distinct(shot.caption for shot in web_shots(first, n_shots))
    text = load_part(zoo, "text encoder")
    return torch.cat([text.text_tokens(known[i : i + 128]).cpu() for i in range(0, len(known), 128)])[which]


def object_weights(boxes: Tensor, side: int) -> Tensor:
    """Loss weights (..., side, side) with mean 1 that count the object's box (..., 4) three times."""
    grid = (torch.arange(side, device=boxes.device) + 0.5) / side
    left, top, right, bottom = boxes[..., None].unbind(-2)  # each (..., 1)
    inside_x, inside_y = (grid > left) & (grid < right), (grid > top) & (grid < bottom)
    weights = 1 + 2 * (inside_y[..., :, None] & inside_x[..., None, :]).float()  # (..., side, side)
    return weights / weights.mean(dim=(-2, -1), keepdim=True)


def velocity_loss(scheduler, predicted: Tensor, clean: Tensor, noise: Tensor, t: Tensor, weights: Tensor) -> Tensor:
    """Mean squared error of the v-prediction (Salimans and Ho 2022), weighted per pixel."""
    error = F.mse_loss(predicted, scheduler.get_velocity(clean, noise, t), reduction="none")
    return (error * weights).mean()

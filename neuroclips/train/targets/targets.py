"""What is decoded, encoded once: CLIP tokens, latents and caption embeddings of the training films, mapped from disk.

A file is known by its dataset, its encoder and the hash of the encoder's weights. Encoding that was stopped goes on
where it was, and no frozen encoder sits beside a training.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from neuroclips.data.training import TrainingSet
from neuroclips.files import made_once, whole_file
from neuroclips.paths import cache_dir
from neuroclips.preprocessing.layout import N_SAMPLES
from neuroclips.train.targets.encoders import encoders, load_clip, load_codec, weights_key

CHUNK = 16  # clips that are encoded together


def tokens(data: TrainingSet, zoo: str) -> np.ndarray:
    """CLIP image tokens (n_clips, 6, n_tokens, clip_dim) float16."""
    table = encoders(zoo)
    name = f"{data.name}_{data.key}_tokens{'_halved' if table.halve_contrast else ''}_{weights_key(table.clip)}"

    def make() -> Callable[[range], Tensor]:
        clip = load_clip(zoo)
        return lambda clips: clip.image_tokens(_shown(_pixels(data, clips), table.halve_contrast).to(_of(clip)))

    return encoded(name, data.n_films * N_SAMPLES, make)


def latents(data: TrainingSet, zoo: str) -> np.ndarray:
    """Scaled latents (n_clips, 6, channels, h, w) float16."""
    table = encoders(zoo)

    def make() -> Callable[[range], Tensor]:
        codec = load_codec(zoo)
        return lambda clips: codec.encode(_pixels(data, clips).to(_of(codec)))

    return encoded(f"{data.name}_{data.key}_latents_{weights_key(table.codec)}", data.n_films * N_SAMPLES, make)


def texts(data: TrainingSet, zoo: str) -> np.ndarray:
    """CLIP embeddings (n_clips, embed_dim) float16 of the captions, which are those of ground-truth keyframes."""

    def make() -> Callable[[range], Tensor]:
        clip = load_clip(zoo)
        return lambda clips: clip.text_embeddings([data.caption(c) for c in clips])

    key = weights_key(encoders(zoo).clip)
    return encoded(f"{data.name}_{data.key}_texts_{key}", data.n_films * N_SAMPLES, make)


def mean_token(array: np.ndarray, clips: Tensor) -> tuple[Tensor, float]:
    """Mean token (n_tokens, clip_dim) of a thousand clips among `clips`, and the standard deviation of all values."""
    some = torch.from_numpy(np.array(array[clips[:: max(1, len(clips) // 1000)].numpy()], np.float32))
    return some.mean((0, 1)), some.std().item()


def middle_pixels(data: TrainingSet, clips: list[int], frame: int = 3) -> Tensor:
    """One frame (n, 3, H, W) in [0, 1] of each clip, for validation."""
    return torch.stack([data.frames(c)[frame] for c in clips])


def _pixels(data: TrainingSet, clips: range) -> Tensor:
    return torch.cat([data.frames(c) for c in clips])  # (n_clips * 6, 3, H, W)


def _shown(pixels: Tensor, halve_contrast: bool) -> Tensor:
    return (pixels + 1) / 2 if halve_contrast else pixels


def _of(module: torch.nn.Module) -> torch.device:
    return next(module.parameters()).device


@torch.no_grad()
def encoded(name: str, n: int, make: Callable[[], Callable[[range], Tensor]]) -> np.ndarray:
    """The array (n, ...) of `name` in the cache, mapped; `make` gives what encodes a range of its rows.

    Rows that come as (k * m, ...) for k of the n are stored as (k, m, ...).
    """
    path = cache_dir("targets") / f"{name}.npy"
    return np.load(made_once(path, lambda: _encode(path, n, make())), mmap_mode="r")


def _encode(path: Path, n: int, encode: Callable[[range], Tensor]) -> None:
    partial, mark = path.with_suffix(".part.npy"), path.with_suffix(".part.json")
    done = json.loads(mark.read_text()) if mark.exists() and partial.exists() else 0
    out = np.lib.format.open_memmap(partial, "r+") if done else None
    label = path.stem.split("_")[-2]
    with tqdm(total=n, initial=done, desc=f"{label} of the training films", unit="clip", mininterval=2) as bar:
        for first in range(done, n, CHUNK):
            clips = range(first, min(n, first + CHUNK))
            rows = encode(clips).cpu()
            rows = rows.unflatten(0, (len(clips), -1)) if len(rows) != len(clips) else rows
            if out is None:
                out = np.lib.format.open_memmap(partial, "w+", np.float16, (n, *rows.shape[1:]))
            out[first : clips.stop] = rows.half().numpy()
            bar.update(len(clips))
            if first // CHUNK % 16 == 15:
                out.flush()
                with whole_file(mark) as file:
                    file.write_text(json.dumps(clips.stop))
    out.flush()
    partial.rename(path)
    mark.unlink(missing_ok=True)

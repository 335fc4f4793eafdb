"""What is decoded, encoded once: CLIP tokens, latents and caption embeddings of the training films, mapped from disk.

A file is known by its dataset, its encoder and the hash of the encoder's weights. Encoding that was stopped goes on
where it was, and no frozen encoder sits beside a training.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from neuroclips.data.training import TrainingSet
from neuroclips.files import write_json
from neuroclips.kept import kept_file
from neuroclips.paths import cache_dir
from neuroclips.preprocessing.layout import N_SAMPLES
from neuroclips.reading import read_array
from neuroclips.train.targets.encoders import weights_key
from neuroclips.train.targets.words import distinct
from neuroclips.zoo import Zoo, load_part

CHUNK = 16  # clips that are encoded together


def tokens(data: TrainingSet, zoo: Zoo) -> np.ndarray:
    """CLIP image tokens (n_clips, 6, n_tokens, clip_dim) float16."""

    def make() -> Callable[[range], Tensor]:
        clip = load_part(zoo, "clip")
        return lambda clips: clip.image_tokens(_pixels(data, clips))

    return encoded(_name(data, zoo, "tokens", "clip"), data.n_films * N_SAMPLES, make)


def latents(data: TrainingSet, zoo: Zoo) -> np.ndarray:
    """Scaled latents (n_clips, 6, channels, h, w) float16."""

    def make() -> Callable[[range], Tensor]:
        codec = load_part(zoo, "codec")
        return lambda clips: codec.encode(_pixels(data, clips))

    return encoded(_name(data, zoo, "latents", "codec"), data.n_films * N_SAMPLES, make)


def texts(data: TrainingSet, zoo: Zoo) -> np.ndarray:
    """CLIP embeddings (n_clips, 6, embed_dim) float16 of the captions, each that of what its own frame shows."""

    def make() -> Callable[[range], Tensor]:
        clips = range(data.n_films * N_SAMPLES)
        known, which = distinct(sentence for c in clips for sentence in data.captions(c))
        which, clip = which.unflatten(0, (len(clips), -1)), load_part(zoo, "clip")  # (n_clips, 6)
        states = torch.cat([clip.text_embeddings(known[i : i + 256]) for i in range(0, len(known), 256)])
        return lambda rows: states[which[rows.start : rows.stop]]

    return encoded(_name(data, zoo, "texts", "clip"), data.n_films * N_SAMPLES, make)


def _name(data: TrainingSet, zoo: Zoo, what: str, role: str) -> str:
    return f"{data.name}_{data.key}_{what}_{weights_key(zoo.part(role))}"


def mean_token(array: np.ndarray, clips: Tensor) -> tuple[Tensor, float]:
    """Mean token (n_tokens, clip_dim) of a thousand clips among `clips`, and the standard deviation of all values."""
    some = torch.from_numpy(np.array(array[clips[:: max(1, len(clips) // 1000)].numpy()], np.float32))
    return some.mean((0, 1)), some.std().item()


def middle_pixels(data: TrainingSet, clips: list[int], frame: int = 3) -> Tensor:
    """One frame (n, 3, H, W) in [0, 1] of each clip, for validation."""
    return torch.stack([data.frames(c)[frame] for c in clips])


def _pixels(data: TrainingSet, clips: range) -> Tensor:
    return torch.cat([data.frames(c) for c in clips])  # (n_clips * 6, 3, H, W)


@torch.no_grad()
def encoded(name: str, n: int, make: Callable[[], Callable[[range], Tensor]]) -> np.ndarray:
    """The array (n, ...) of `name` in the cache, mapped; `make` gives what encodes a range of its rows.

    Rows that come as (k * m, ...) for k of the n are stored as (k, m, ...).
    """
    path = cache_dir("targets") / f"{name}.npy"
    return kept_file(path, lambda: _encode(path, n, make()), partial(read_array, mapped=True))


def _begun(part: Path, mark: Path) -> tuple[int, np.memmap | None]:
    """How many rows were encoded before it was stopped, and the array that they are in; damaged files count as none."""
    try:
        done = int(json.loads(mark.read_text(encoding="utf-8")))
        return done, np.lib.format.open_memmap(part, "r+")
    except (OSError, ValueError, TypeError, EOFError):
        return 0, None


@torch.random.fork_rng(devices=[])  # whether it is there already changes nobody's draws
def _encode(path: Path, n: int, encode: Callable[[range], Tensor]) -> None:
    part, mark = path.with_suffix(".part.npy"), path.with_suffix(".part.json")
    done, out = _begun(part, mark)
    label = path.stem.split("_")[-2]
    with tqdm(total=n, initial=done, desc=f"{label} of the training films", unit="clip", mininterval=2) as bar:
        for first in range(done, n, CHUNK):
            clips = range(first, min(n, first + CHUNK))
            rows = encode(clips).cpu()
            rows = rows.unflatten(0, (len(clips), -1)) if len(rows) != len(clips) else rows
            if out is None:
                out = np.lib.format.open_memmap(part, "w+", np.float16, (n, *rows.shape[1:]))
            out[first : clips.stop] = rows.half().numpy()
            bar.update(len(clips))
            if first // CHUNK % 16 == 15:
                out.flush()
                write_json(mark, clips.stop)
    if out is not None:
        out.flush()
    del out  # Windows moves no file that is mapped
    part.replace(path)
    mark.unlink(missing_ok=True)

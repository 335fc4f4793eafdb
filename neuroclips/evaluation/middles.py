"""The middle frame of every clip of the simulated films, looked at once: CLIP embeddings and perceptual hashes.

They are kept in the cache; the frames themselves, 0.3 GB, are not.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from functools import cache, partial

import numpy as np
import torch
from scipy.fft import dctn
from tqdm import tqdm

from neuroclips import parallel
from neuroclips.files import save_arrays, sha256_of
from neuroclips.film_size import film_pixels
from neuroclips.kept import kept_file
from neuroclips.paths import cache_dir
from neuroclips.preprocessing.layout import N_SAMPLES, TR
from neuroclips.reading import read_arrays
from neuroclips.simulation import films, shots
from neuroclips.zoo import load_part, zoo_named

SIDE = 16  # of the square of low frequencies whose signs are a hash
GRAY = np.array([0.299, 0.587, 0.114], np.float32)  # BT.601


@dataclass(frozen=True)
class Middles:
    """Of n clips, film after film.

    embeddings : float32 (n, D), unit vectors of the zoo's CLIP. hashes : uint8 (n, 32), 256 bits each.
    film_tokens : float32 (n_films, n_tokens, clip_dim), the mean CLIP tokens of each film.
    """

    embeddings: np.ndarray
    hashes: np.ndarray
    film_tokens: np.ndarray

    def __len__(self) -> int:
        return len(self.hashes)

    def of_films(self, first: int, end: int) -> Middles:
        """Those of the films from `first` to before `end`."""
        clips = slice(first * N_SAMPLES, end * N_SAMPLES)
        return Middles(self.embeddings[clips], self.hashes[clips], self.film_tokens[first:end])


@cache
def middles(kind: str) -> Middles:
    """Those of all "train" or "test" films; the first time they are rendered by all cores."""
    clip = sha256_of(next(zoo_named().part("clip").folder.glob("*.safetensors")))
    path = cache_dir("evaluation") / f"middles_{kind}_{film_pixels()}_{clip[:12]}.npz"
    names = [field.name for field in fields(Middles)]
    return Middles(**kept_file(path, lambda: save_arrays(path, **_looked_at(kind)), partial(read_arrays, names=names)))


@torch.no_grad()
def _looked_at(kind: str) -> dict[str, np.ndarray]:
    clip, n_films = load_part(zoo_named(), "clip"), shots.FILM_COUNT[kind]
    work = parallel.each(partial(middle_frames, kind), range(n_films), os.cpu_count() or 1)
    embeddings, hashes, tokens = [], [], []
    for frames in tqdm(work, total=n_films, desc=f"middle frames of {kind} films", unit="film"):
        pixels = torch.from_numpy(frames).permute(0, 3, 1, 2).float() / 255  # (240, 3, H, W)
        embeddings += [clip.image_embeddings(part).cpu().numpy() for part in pixels.split(60)]
        tokens.append(torch.cat([clip.image_tokens(part).cpu() for part in pixels.split(60)]).mean(0).numpy())
        hashes.append(hashed(frames))
    return {"embeddings": np.concatenate(embeddings), "hashes": np.concatenate(hashes), "film_tokens": np.stack(tokens)}


def middle_frames(kind: str, film: int) -> np.ndarray:
    """uint8 (240, H, W, 3), of the second in the middle of each TR of a film."""
    return np.stack([films.frame_at(kind, film, (tr + 0.5) * TR, film_pixels()) for tr in range(N_SAMPLES)])


def hashed(frames: np.ndarray) -> np.ndarray:
    """Perceptual hashes, uint8 (n, 32), of frames, uint8 (n, H, W, 3): which low frequencies are above their median.

    pHash of Zauner (2010) with 16 x 16 instead of 8 x 8 cosines, for skies are alike in a few. It forgives another
    size, brightness, contrast and compression, and no other picture.
    """
    gray = torch.from_numpy(np.asarray(frames, np.float32) @ GRAY)[:, None]  # (n, 1, H, W)
    small = torch.nn.functional.interpolate(gray, (4 * SIDE, 4 * SIDE), mode="area")[:, 0]
    low = dctn(small.numpy(), axes=(1, 2), norm="ortho")[:, :SIDE, :SIDE].reshape(len(frames), -1)
    return np.packbits(low > np.median(low, 1, keepdims=True), axis=1)


def nearest(hashes: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each hash (n, 32), how many bits the nearest of others (m, 32) is away, and which it is: (n,) each."""
    found = [np.bitwise_count(others ^ one).sum(1) for one in hashes]
    return np.array([bits.min() for bits in found]), np.array([bits.argmin() for bits in found])

"""Keyframes of web frames as decoding gives them: they come of a blurry first frame and of tokens that are unsure."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import torch
from tqdm import tqdm

from neuroclips.config import ZooConfig
from neuroclips.data.atomic import made_once, save_array
from neuroclips.paths import cache_dir
from neuroclips.pretrained.clip import OpenClip
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.pretrained.keyframes import UnclipKeyframes
from neuroclips.train.blurry import blurry_video_of
from neuroclips.train.encoders import weights_key
from neuroclips.train.webdata import load, to_pixels
from neuroclips.train.zoo_keyframes import as_decoded

FRAMES = (1.5, 1.0, 1.0, 0.5)  # of what a blurry frame is the mean (`blurry.SHARES`)
TOKENS = (0.2, 0.8)  # least and most of the variance of tokens that is explained
BATCH = 40


def blurry_frame_of(index: int, seed: int = 0) -> np.ndarray:
    """A blurry frame, uint8 (3, 96, 96), of web shot `index` where its clip starts."""
    return blurry_video_of(index, np.random.default_rng([11, seed, index]), 1, FRAMES)[0]


def web_keyframes(n_shots: int, first: int, zoo: ZooConfig) -> np.ndarray:
    """Keyframes of web shots from a blurry frame and tokens as decoded: uint8 (n_shots, 3, 96, 96); cached."""
    path = cache_dir("web") / f"keyframes_{first}_{n_shots}_{weights_key(zoo.folder / 'keyframes')}.npy"
    made_once(path, lambda: save_array(path, _keyframes(n_shots, first, zoo)))
    return np.load(path)


@torch.no_grad()
def _keyframes(n_shots: int, first: int, zoo: ZooConfig) -> np.ndarray:
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        rough = np.stack(list(pool.map(blurry_frame_of, range(first, first + n_shots), chunksize=16)))
    clip, generator = OpenClip.from_pretrained(zoo.folder / "clip"), torch.Generator().manual_seed(first)
    model = UnclipKeyframes.from_pretrained(zoo.folder / "keyframes", LatentCodec.from_pretrained(zoo.folder / "codec"))
    frames, numbers = load(n_shots, 1, first)[0][:, 0], zoo.inference
    made = partial(
        model, start=numbers.keyframe_start, num_inference_steps=numbers.keyframe_steps, generator=generator,
        guidance_scale=numbers.keyframe_guidance, solver=numbers.keyframe_solver,
    )  # fmt: skip
    parts = []
    for i in tqdm(range(0, n_shots, BATCH), desc="keyframes"):
        tokens = clip.image_tokens(to_pixels(frames[i : i + BATCH]))
        share = TOKENS[0] + (TOKENS[1] - TOKENS[0]) * torch.rand(len(tokens), generator=generator)
        tokens = as_decoded(tokens, tokens.mean(0), share, generator)
        parts.append((made(tokens, to_pixels(rough[i : i + BATCH])) * 255 + 0.5).byte().numpy())
    return np.concatenate(parts)

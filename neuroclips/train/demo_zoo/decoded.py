"""Keyframes of web frames as decoding gives them: they come of a blurry first frame and of tokens that are unsure."""

from __future__ import annotations

import hashlib
import os
from functools import partial

import numpy as np
import torch
from tqdm import tqdm

from neuroclips import parallel
from neuroclips.files import save_array
from neuroclips.kept import kept_file
from neuroclips.media import to_uint8
from neuroclips.paths import cache_dir
from neuroclips.reading import read_array
from neuroclips.train.demo_zoo.keyframes import as_decoded
from neuroclips.train.targets.encoders import weights_key
from neuroclips.web.blurry import FRAME_SHARES, blurry_frame_of
from neuroclips.web.films import load, to_pixels
from neuroclips.zoo import Zoo, load_part

EXPLAINED = (0.2, 0.8)  # least and most of the variance of tokens
BATCH = 40


def web_keyframes(n_shots: int, first: int, zoo: Zoo) -> np.ndarray:
    """Keyframes of web shots from a blurry frame and tokens as decoded: uint8 (n_shots, 3, H, W); cached."""
    path = cache_dir("web") / f"keyframes_{first}_{n_shots}_{_key(zoo)}.npy"
    return kept_file(path, lambda: save_array(path, _keyframes(n_shots, first, zoo)), read_array)


def _key(zoo: Zoo) -> str:
    """Changes with the weights of every model and with the numbers that make keyframes."""
    numbers = {name: value for name, value in zoo.settings.record().items() if name.startswith("keyframe_")}
    made_of = [weights_key(zoo.part(role)) for role in ("clip", "codec", "keyframes")]
    return hashlib.sha256(repr((made_of, numbers, FRAME_SHARES, EXPLAINED)).encode()).hexdigest()[:12]


@torch.no_grad()
def _keyframes(n_shots: int, first: int, zoo: Zoo) -> np.ndarray:
    shots = range(first, first + n_shots)
    rough = np.stack(list(parallel.each(blurry_frame_of, shots, os.cpu_count() or 1, chunksize=16)))
    clip, generator = load_part(zoo, "clip"), torch.Generator().manual_seed(first)
    frames, numbers = load(n_shots, 1, first)[0][:, 0], zoo.settings
    made = partial(
        load_part(zoo, "keyframes"),
        start=numbers.keyframe_start,
        num_inference_steps=numbers.keyframe_steps,
        guidance_scale=numbers.keyframe_guidance,
        solver=numbers.keyframe_solver,
    )
    parts = []
    for i in tqdm(range(0, n_shots, BATCH), desc="keyframes"):
        tokens = clip.image_tokens(to_pixels(frames[i : i + BATCH]))
        share = EXPLAINED[0] + (EXPLAINED[1] - EXPLAINED[0]) * torch.rand(len(tokens), generator=generator)
        tokens = as_decoded(tokens, tokens.mean(0), share.to(tokens.device), generator)
        noise = [torch.Generator().manual_seed(first + row) for row in range(i, i + len(tokens))]
        parts.append(to_uint8(made(tokens, to_pixels(rough[i : i + BATCH]), generators=noise).cpu()))
    return np.concatenate(parts).transpose(0, 3, 1, 2)  # (n_shots, 3, H, W)

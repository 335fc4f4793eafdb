"""Web frames as decoding gives them: blurry frames, and the keyframes that come of blurry frames and unsure tokens.

What minimises squared error is the mean over all films that the brain data leave possible. Here: the frame itself, its
scene with objects of other classes about where the true one is, and a little of another frame; then without detail.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from neuroclips.config import ZooConfig
from neuroclips.data.atomic import save_array
from neuroclips.paths import cache_dir
from neuroclips.pretrained.clip import OpenClip
from neuroclips.pretrained.codec import LatentCodec
from neuroclips.pretrained.keyframes import UnclipKeyframes
from neuroclips.simulation.render import render
from neuroclips.simulation.shots import Shot, web_shot
from neuroclips.simulation.vocabulary import OBJECTS
from neuroclips.train.encoders import weights_key
from neuroclips.train.webdata import PIXELS, load, time_of, to_pixels
from neuroclips.train.zoo_keyframes import as_decoded

PARTS = (1.5, 1.0, 1.0, 0.5)  # Dirichlet: the frame itself, its scene with two other objects, another frame
CELLS = (3, 12)  # least and most edge of the grid that is left of it: 12 is that of the latents
SHARES = (0.2, 0.8)  # least and most of the variance of tokens that is explained
BATCH = 40


def another_object(shot: Shot, rng: np.random.Generator) -> Shot:
    """The scene painted anew, with an object of another class that moves alike, about there, and no companion."""
    names = [o.name for o in OBJECTS.values() if shot.scene in o.scenes and o.name != shot.name]
    main, (x, y, size, phase) = shot.things[0], rng.normal(0, (0.05, 0.03, 0.06, 0.03))
    main = replace(
        main, name=str(rng.choice(names or [shot.name])), x=main.x + x, y=main.y + y, phase=main.phase + phase,
        size=float(np.clip(main.size + size, 0.35, 0.85)),
    )  # fmt: skip
    return replace(shot, things=(main,), seed=int(rng.integers(2**31)))


def blurry_frame_of(index: int, seed: int = 0) -> np.ndarray:
    """A blurry frame, uint8 (3, 96, 96), of web shot `index` where its clip starts."""
    rng, shot = np.random.default_rng([11, seed, index]), web_shot(index)
    earlier = web_shot(int(rng.integers(max(1, index))))  # so none that is held out
    possible = (shot, another_object(shot, rng), another_object(shot, rng), earlier)
    made = np.stack([render(film, time_of(index), PIXELS) for film in possible])  # (4, H, W, 3)
    mean = np.tensordot(rng.dirichlet(PARTS), made, 1)  # (H, W, 3)
    cells, image = int(rng.integers(CELLS[0], CELLS[1] + 1)), Image.fromarray((mean + 0.5).astype(np.uint8))
    small = image.resize((cells, cells), Image.Resampling.BOX)
    return np.asarray(small.resize(image.size, Image.Resampling.BILINEAR)).transpose(2, 0, 1)  # (3, H, W)


def web_keyframes(n_shots: int, first: int, zoo: ZooConfig) -> np.ndarray:
    """Keyframes of web shots from a blurry frame and tokens as decoded: uint8 (n_shots, 3, 96, 96); cached."""
    path = cache_dir("web") / f"keyframes_{first}_{n_shots}_{weights_key(zoo.folder / 'keyframes')}.npy"
    if not path.exists():
        save_array(path, _keyframes(n_shots, first, zoo))
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
        share = SHARES[0] + (SHARES[1] - SHARES[0]) * torch.rand(len(tokens), generator=generator)
        tokens = as_decoded(tokens, tokens.mean(0), share, generator)
        parts.append((made(tokens, to_pixels(rough[i : i + BATCH])) * 255 + 0.5).byte().numpy())
    return np.concatenate(parts)

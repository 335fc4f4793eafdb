"""Blurry videos of web clips, as a Perception Reconstructor would give them: the mean over films that could have been.

What minimises squared error is the mean over all films that the brain data leave possible. Here: the clip itself, the
same scene with objects of other classes about where the true one is, and a little of another clip; then without detail.
The place where things move is in such a video, what they are hardly is.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from neuroclips.film_size import film_pixels
from neuroclips.simulation.render import render
from neuroclips.simulation.shots import web_shot
from neuroclips.web.clips import CLIP_FPS, CLIP_FRAMES, frames_of, time_of
from neuroclips.web.counterfactual import another_object, another_place

BLURRY_FRAMES = 6  # of 2 s, as the paper decodes them
SHARES = (0.6, 0.6, 0.6, 0.25)  # Dirichlet: the clip itself, the scene with two other objects, another clip
FRAME_SHARES = (1.5, 1.0, 1.0, 0.5)  # of a blurry frame that a keyframe starts from: nearer to its own
CELLS = (3, 16)  # least and most edge of the grid that is left: at most that of the latents


def blurry_video_of(
    index: int, rng: np.random.Generator, n_frames: int = BLURRY_FRAMES, shares: tuple[float, ...] = SHARES
) -> np.ndarray:
    """The first frames, uint8 (n_frames, 3, H, W), of a blurry video of web shot `index`: every draw is another."""
    shot, earlier = web_shot(index), web_shot(int(rng.integers(max(1, index))))  # earlier, so none that is held out
    times = time_of(index) + np.arange(n_frames) * CLIP_FRAMES / BLURRY_FRAMES / CLIP_FPS
    possible = (shot, another_object(shot, rng), another_object(shot, rng), earlier)
    made = np.stack([[render(film, t, film_pixels()) for t in times] for film in possible])  # (4, n_frames, H, W, 3)
    mean = (np.tensordot(rng.dirichlet(shares), made, 1) + 0.5).astype(np.uint8)
    cells = int(rng.integers(CELLS[0], CELLS[1] + 1))
    return np.stack([without_detail(frame, cells) for frame in mean]).transpose(0, 3, 1, 2)  # (n_frames, 3, H, W)


def without_detail(frame: np.ndarray, cells: int) -> np.ndarray:
    """A frame, uint8 (H, W, 3), as a grid of cells x cells would hold it."""
    image = Image.fromarray(frame)
    small = image.resize((cells, cells), Image.Resampling.BOX)
    return np.asarray(small.resize(image.size, Image.Resampling.BILINEAR))


def blurry_frame_of(index: int) -> np.ndarray:
    """A blurry frame, uint8 (3, H, W), of web shot `index` where its clip starts."""
    return blurry_video_of(index, np.random.default_rng([11, 0, index]), 1, FRAME_SHARES)[0]


def made_up(number: tuple[int, int]) -> np.ndarray:
    """uint8 (7, 3, H, W) of web shot `number[0]`, draw `number[1]`: a blurry video, and a misplaced first frame."""
    index, rng = number[0], np.random.default_rng([12, *number])
    blurry = blurry_video_of(index, rng)
    return np.concatenate([blurry, frames_of(another_place(web_shot(index), rng), time_of(index), 1)])

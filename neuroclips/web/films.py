"""Frames and clips of the simulated "web": what the frozen models of the demo zoo learn from.

Web shots come from a seed space of their own, so no training or test film can be among them.
Rendered once with all cores and kept as .npy in the cache folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from neuroclips import parallel
from neuroclips.files import whole_file
from neuroclips.kept import kept_file
from neuroclips.paths import cache_dir
from neuroclips.reading import read_array
from neuroclips.simulation.motion import box
from neuroclips.simulation.shots import Shot, web_shot
from neuroclips.web.clips import CLIP_FPS, CLIP_FRAMES, HELD_OUT, time_of, web_clip, web_shots

Number = TypeVar("Number")  # of a web shot, or with that of a draw


def load(n_shots: int, n_frames: int, first: int = 0) -> tuple[np.ndarray, list[Shot]]:
    """Shots `first` to `first + n_shots`: uint8 (n_shots, n_frames, 3, H, W) and their scripts."""
    numbers, draw = range(first, first + n_shots), partial(web_clip, n_frames=n_frames)
    return drawn(f"web_{first}_{n_shots}x{n_frames}", draw, numbers), web_shots(first, n_shots)


def held_out_frames(n_shots: int = 256) -> tuple[Tensor, list[Shot]]:
    """Frames (n_shots, 3, H, W) in [0, 1] of web shots that nothing is trained on, and their scripts."""
    frames, shots = load(n_shots, 1, HELD_OUT)
    return to_pixels(frames[:, 0]), shots


def held_out_clips(n_shots: int = 256) -> tuple[Tensor, list[Shot]]:
    """Clips (n_shots, 16, 3, H, W) in [0, 1] at 8 fps of the same shots."""
    frames, shots = load(n_shots, CLIP_FRAMES, HELD_OUT)
    return to_pixels(frames), shots


def drawn(name: str, draw: Callable[[Number], np.ndarray], numbers: Sequence[Number]) -> np.ndarray:
    """What `draw` gives of each number, uint8 (len(numbers), ...): drawn by all cores once, mapped from `name`.npy."""
    path = cache_dir("web") / f"{name}.npy"
    return kept_file(path, lambda: _draw_all(path, draw, numbers), partial(read_array, mapped=True))


def _draw_all(path: Path, draw: Callable[[Number], np.ndarray], numbers: Sequence[Number]) -> None:
    with whole_file(path) as unfinished:
        out = np.lib.format.open_memmap(unfinished, "w+", np.uint8, (len(numbers), *draw(numbers[0]).shape))
        work = parallel.each(draw, numbers, os.cpu_count() or 1, chunksize=16)
        for i, frames in enumerate(tqdm(work, total=len(numbers), desc="web films")):
            out[i] = frames
        out.flush()
        del out  # Windows moves no file that is mapped


def to_pixels(frames: np.ndarray | Tensor) -> Tensor:
    """uint8 (..., 3, H, W) to float in [0, 1], where they are."""
    return torch.as_tensor(frames).float() / 255


def web_boxes(first: int, n_shots: int, n_frames: int) -> Tensor:
    """Boxes (n_shots, n_frames, 4) of the main object in the first frames of web clips, as `motion.box` gives them."""
    rows = []
    for index in range(first, first + n_shots):
        shot, start = web_shot(index), time_of(index)
        rows.append([box(shot, start + frame / CLIP_FPS) for frame in range(n_frames)])
    return torch.tensor(rows, dtype=torch.float32)

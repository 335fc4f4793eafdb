"""True films of the shipped clips as files, rendered when they are first shown."""

from __future__ import annotations

import threading
from pathlib import Path

from neuroclips.film_size import film_pixels
from neuroclips.media import write_frames
from neuroclips.paths import cache_dir
from neuroclips.preprocessing.layout import N_SAMPLES
from neuroclips.simulation.films import clip_frames
from neuroclips.zoo import zoo_named

_ONE_AT_A_TIME = threading.Lock()  # two visitors who ask for the same film


def ground_truth(clip: int) -> Path:
    """The true film of a clip; the frames are those of `SimulatedDataset.stimulus`, without its torch."""
    path = cache_dir("shown") / f"ground_truth_{clip:03d}_{film_pixels()}.mp4"
    with _ONE_AT_A_TIME:
        if not path.exists():
            settings = zoo_named().settings
            film, tr = divmod(clip, N_SAMPLES)
            frames = clip_frames("test", film, tr, settings.n_video_frames, film_pixels())
            write_frames(path, frames, settings.fps)
    return path

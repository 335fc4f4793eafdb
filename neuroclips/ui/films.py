"""True films of the shipped clips as files, rendered when they are first shown."""

from __future__ import annotations

import threading
from pathlib import Path

from neuroclips.data.registry import load_dataset
from neuroclips.film_size import film_pixels
from neuroclips.paths import cache_dir
from neuroclips.zoo import zoo_named

_ONE_AT_A_TIME = threading.Lock()  # two visitors who ask for the same film


def ground_truth(clip: int) -> Path:
    """The true film of a clip."""
    path = cache_dir("shown") / f"ground_truth_{clip:03d}_{film_pixels()}.mp4"
    with _ONE_AT_A_TIME:
        if not path.exists():
            # Imported here: it brings torch with it, and the page should be up first.
            from neuroclips.media import write_video

            settings = zoo_named().settings
            write_video(path, load_dataset().stimulus(clip, settings.n_video_frames), settings.fps)
    return path

"""True films of the shipped clips as files, rendered when they are first shown."""

from __future__ import annotations

from pathlib import Path

from neuroclips.film_size import film_pixels
from neuroclips.kept import kept_file
from neuroclips.media import write_frames
from neuroclips.paths import cache_dir
from neuroclips.preprocessing.layout import N_SAMPLES
from neuroclips.simulation.films import clip_frames
from neuroclips.zoo import zoo_named


def ground_truth(clip: int) -> Path:
    """The true film of a clip; the frames are those of `SimulatedDataset.stimulus`, without its torch."""
    path = cache_dir("shown") / f"ground_truth_{clip:03d}_{film_pixels()}.mp4"
    return kept_file(path, lambda: _render(clip, path), lambda made: made)


def _render(clip: int, path: Path) -> None:
    settings = zoo_named().settings
    frames = clip_frames("test", *divmod(clip, N_SAMPLES), settings.n_video_frames, film_pixels())
    write_frames(path, frames, settings.fps)

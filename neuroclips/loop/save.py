"""A closed loop as files: the film as it was shown, what was decoded of it, the samples, and loop.json."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np

from neuroclips.export import PERCEPTION_FPS, TRUTH
from neuroclips.files import whole_files, write_json
from neuroclips.loop.closed import Closed
from neuroclips.media import write_frames, write_image, write_video
from neuroclips.simulation.features import FPS

RECORD, VIDEO, BLURRY, SAMPLES = "loop.json", "video.mp4", "blurry.mp4", "samples.npz"


def keyframe_name(clip: int) -> str:
    return f"keyframe_{clip}.png"


def save(folder: Path, closed: Closed) -> None:
    """Put all files into `folder`, in the place of an earlier loop's: all of them, or none."""
    with whole_files(folder, RECORD, gone=(TRUTH, VIDEO, BLURRY, SAMPLES, "keyframe_*.png")) as new:
        write_frames(new / TRUTH, closed.film.frames, FPS)
        write_video(new / VIDEO, closed.video, closed.fps)
        write_video(new / BLURRY, closed.blurry, PERCEPTION_FPS)
        for clip, part in enumerate(closed.parts):
            if part.keyframe is not None:
                write_image(new / keyframe_name(clip), part.keyframe)
        write_samples(new / SAMPLES, closed)
        write_json(new / RECORD, closed.record())


def write_samples(file: Path | BinaryIO, closed: Closed) -> None:
    """fmri (n_clips, n_voxels), noise_free of that shape, and vertex_index (n_voxels,); the dataset "file" reads it."""
    np.savez(file, fmri=closed.samples, noise_free=closed.clean, vertex_index=closed.cortex.vertex_index)

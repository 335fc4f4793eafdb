"""Films of ten requests, as they are on record: python -m tests.films writes tests/films.json anew.

A change of shape leaves them as they are; whoever changes a film on purpose makes the record again and says so. On the
machine and libraries that made it the record holds to the bit (sha256 of the frames), elsewhere within rounding. One
thread makes them: sums of several are rounded otherwise, and their waiting for each other takes long on a busy machine.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from neuroclips import machine
from neuroclips.export import record
from neuroclips.media import to_uint8
from neuroclips.pipeline import NeuroClips, load_pipeline
from neuroclips.types import Guidance, Reconstruction, Settings

FILE = Path(__file__).with_name("films.json")
CELLS = 4  # edge of the grid of mean colours that is kept of a frame
# (subject, clip, what is changed about the zoo's settings)
REQUESTS: tuple[tuple[int, int, dict], ...] = (
    (1, 0, {}),
    (1, 7, {}),
    (1, 123, {"seed": 3}),
    (2, 3, {}),
    (2, 200, {}),
    (3, 5, {}),
    (3, 299, {"captioner": "git"}),
    (1, 1, {"guidance": Guidance(alpha=False)}),
    (2, 4, {"guidance": Guidance(beta=False)}),
    (3, 8, {"video_steps": 25, "video_solver": "ddim"}),
)


def settings_of(pipeline: NeuroClips, changes: dict) -> Settings:
    return replace(pipeline.zoo.settings, **changes)


def colours(made: Reconstruction) -> list[int]:
    """Mean colours of a grid of every fourth frame, 0 to 255: (4, CELLS, CELLS, 3) flattened."""
    frames = torch.nn.functional.adaptive_avg_pool2d(made.video[::4], CELLS)
    return to_uint8(frames).flatten().tolist()


def difference(made: Reconstruction, stored: list[int]) -> float:
    """Mean difference from the record in grey values."""
    return float(np.abs(np.array(colours(made)) - np.array(stored)).mean())


@contextmanager
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@one_thread()
def write() -> None:
    """Make the record of this version on this machine."""
    from neuroclips.data.registry import load_dataset

    pipeline, data, rows = load_pipeline(), load_dataset(), []
    for subject, clip, changes in REQUESTS:
        sample = data.sample(subject, clip)
        made = pipeline(sample, settings_of(pipeline, changes))
        about = record(made, sample, "simulated", None)
        kept = {name: about[name] for name in ("subject", "clip", "caption", "frames_sha256")}
        rows.append(kept | {"colours": colours(made)})
    FILE.write_text(json.dumps({"machine": machine.described(made.precision), "films": rows}) + "\n")


if __name__ == "__main__":
    write()

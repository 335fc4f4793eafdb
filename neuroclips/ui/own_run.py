"""Decode a visitor's sample: stage after stage, as bytes for the page; nothing of it is kept on disk."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from neuroclips.ui.gpu import is_lent

MIMES = {"blurry.mp4": "video/mp4", "keyframe.webp": "image/webp", "video.mp4": "video/mp4"}


@dataclass
class Row:
    """What there is of a decoded sample: addresses (data:) of pictures by the name of the step, caption, seconds."""

    sample: int
    decoder: str
    media: dict[str, str] = field(default_factory=dict)
    caption: str = ""
    seconds: float = 0.0
    running: str = ""  # what the row waits for


def run(voxels: np.ndarray, clip: int, subject: int, made: Any, seed: int, on_progress: Callable) -> Any:
    """A `Reconstruction` of voxels (n_voxels,), by the decoder of a subject or by the one that was `made`.

    It waits for a run that is under way: both hold the lock of the one pipeline. A GPU that is lent run by run is for
    `gpu.run` alone, so there it runs on the CPU.
    """
    # imported here: these bring every model library, and the page should be up first
    import torch

    from neuroclips.pipeline import load_pipeline
    from neuroclips.types import FmriSample

    pipeline = load_pipeline(device="cpu" if is_lent() else None)
    if made is not None:
        pipeline = pipeline.with_subject(made.models)
    sample = FmriSample(torch.from_numpy(np.array(voxels, np.float32)), subject, clip)
    return pipeline(sample, replace(pipeline.zoo.settings, seed=seed), on_progress)


def rows(
    voxels: np.ndarray, sample: int, subject: int, made: Any, seed: int, decoder: str
) -> Generator[Row, None, None]:
    """The row of a sample as it grows; closing the generator ends the run at its next step."""
    from neuroclips.ui.session import stream

    row = Row(sample, decoder, running="models are loaded")
    yield row
    events = stream(lambda report: run(voxels, sample, subject, made, seed, report))
    try:
        for event in events:
            if hasattr(event, "step"):
                _take(row, event)
                yield row
    finally:
        events.close()
    row.running = ""
    yield row


def _take(row: Row, stage: Any) -> None:
    from neuroclips.types import Step

    row.running = f"{stage.step} {stage.fraction:.0%}"
    if stage.fraction < 1:
        return
    row.seconds += stage.seconds
    result = stage.results[0] if stage.results else None
    if stage.step == Step.CAPTION:
        row.caption = str(result)
    elif (name := _name(stage.step)) and result is not None:
        row.media[name] = _address(name, result)


def _name(step: Any) -> str:
    from neuroclips.types import Step

    return {Step.BLURRY_VIDEO: "blurry.mp4", Step.KEYFRAME: "keyframe.webp", Step.VIDEO: "video.mp4"}.get(step, "")


def _address(name: str, pixels: Any) -> str:
    """A film or picture as a data: address."""
    from neuroclips.export import PERCEPTION_FPS
    from neuroclips.media import write_image, write_video
    from neuroclips.zoo import zoo_named

    with tempfile.TemporaryDirectory(prefix="neuroclips-") as home:
        path = Path(home) / name
        if name.endswith(".webp"):
            write_image(path, pixels, quality=90)
        else:
            write_video(path, pixels, PERCEPTION_FPS if name == "blurry.mp4" else zoo_named().settings.fps)
        return f"data:{MIMES[name]};base64,{base64.b64encode(path.read_bytes()).decode()}"

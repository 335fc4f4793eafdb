"""Decode a visitor's sample: stage after stage, as bytes for the page; nothing of it is kept on disk."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from neuroclips.export import FILES
from neuroclips.types import FmriSample, Stage, Step
from neuroclips.ui import encoded
from neuroclips.ui.gpu import is_lent
from neuroclips.ui.session import stream
from neuroclips.zoo import zoo_named

NAMES = FILES | {Step.KEYFRAME: "keyframe.webp"}  # smaller than PNG, and part of the page


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

    pipeline = load_pipeline(device="cpu" if is_lent() else None)
    if made is not None:
        pipeline = pipeline.with_subject(made.models)
    sample = FmriSample(torch.from_numpy(np.array(voxels, np.float32)), subject, clip)
    return pipeline(sample, replace(pipeline.zoo.settings, seed=seed), on_progress)


def rows(
    voxels: np.ndarray, sample: int, subject: int, made: Any, seed: int, decoder: str
) -> Generator[Row, None, None]:
    """The row of a sample as it grows; closing the generator ends the run at its next step."""
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


def _take(row: Row, stage: Stage) -> None:
    row.running = f"{stage.step} {stage.fraction:.0%}"
    if stage.fraction < 1:
        return
    row.seconds += stage.seconds
    result = stage.results[0] if stage.results else None
    if stage.step == Step.CAPTION:
        row.caption = str(result)
    elif (name := NAMES.get(stage.step)) and result is not None:
        body = encoded.of_step(stage.step, name, result, zoo_named().settings.fps)
        row.media[name] = encoded.data_url(Path(name).suffix, body)

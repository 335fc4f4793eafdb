"""Seconds, memory and clips a minute of one row, by running the pipeline of a zoo with random weights."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from statistics import median
from typing import Any

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from neuroclips.bench.random_zoo import RandomZoo
from neuroclips.bench.rows import Row, Speed
from neuroclips.types import Settings, Step

GIB = 2**30
WARM_UP: dict[str, Any] = {"keyframe_steps": 2, "video_steps": 2, "prior_steps": 2}


def measured(zoo: RandomZoo, row: Row) -> dict:
    """The row with what was measured: medians over its repeats, after a short batch that warms up.

    seconds : of a clip, its share of the batch; by step of the route. step ms : of one step of denoising a batch, its
    share of what comes before and after all steps included.
    """
    settings = replace(row.speed.settings(zoo.zoo.settings), pixels=row.pixels)
    samples = zoo.samples(row.batch)
    with computing(zoo, row.speed):
        zoo.pipeline(samples, replace(settings, **WARM_UP))
        walls, runs = [], []
        for _ in range(row.repeats):
            _start(zoo)
            began = time.perf_counter()
            runs.append(zoo.pipeline(samples, settings)[0].seconds)
            walls.append(time.perf_counter() - began)
        computes = zoo.pipeline.video.precision
        peak = torch.cuda.max_memory_allocated(zoo.device) / GIB if zoo.device.type == "cuda" else 0.0
    wall, of_steps = median(walls), {str(step): round(median(run[step] for run in runs), 4) for step in runs[0]}
    return {
        **about(row, settings),
        "computes": computes,
        "seconds a clip": round(wall / row.batch, 3),
        "clips a minute": round(60 * row.batch / wall, 1),
        "step ms": {
            "keyframe": round(1000 * row.batch * of_steps[str(Step.KEYFRAME)] / settings.keyframe_steps, 1),
            "video": round(1000 * row.batch * of_steps[str(Step.VIDEO)] / settings.video_steps, 1),
        },
        "peak GiB": round(peak, 1),
        "seconds": of_steps,
    }


def about(row: Row, settings: Settings) -> dict:
    """What a row measures."""
    steps = {"keyframe": settings.keyframe_steps, "video": settings.video_steps}
    return {"row": row.name, "pixels": row.pixels, "batch": row.batch, "steps": steps, "speed": asdict(row.speed)}


@contextmanager
def computing(zoo: RandomZoo, speed: Speed) -> Iterator[None]:
    """The zoo computes so inside."""
    bf16, f16, f32 = torch.bfloat16, torch.float16, torch.float32
    on_gpu = zoo.device.type == "cuda"
    as_released = (f32, f16 if on_gpu else f32, f32)  # a CPU has no float16
    zoo.cast(*((bf16,) * 3 if speed.half else as_released))
    zoo.replay(speed.graphs, speed.channels_last, speed.compiled)
    backends = [SDPBackend.CUDNN_ATTENTION, SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION]
    matmul = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = speed.tf32
    try:
        with sdpa_kernel([SDPBackend.MATH, *(backends if speed.fused else [])]):
            yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = matmul


def _start(zoo: RandomZoo) -> None:
    if zoo.device.type == "cuda":
        torch.cuda.synchronize(zoo.device)
        torch.cuda.reset_peak_memory_stats(zoo.device)

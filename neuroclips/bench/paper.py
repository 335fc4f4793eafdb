"""The paper zoo at its real sizes with random weights: seconds, memory, clips a minute, and what each measure gains."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import torch

from neuroclips.bench.checks import checks
from neuroclips.bench.random_zoo import RandomZoo
from neuroclips.bench.rows import plan
from neuroclips.bench.timing import measured
from neuroclips.errors import InputError, MissingError
from neuroclips.noise import randn, seeded

CHECKS = 30.0  # [s] that they take, about


def gpu() -> torch.device:
    """The GPU that real sizes need. Raises MissingError without one."""
    if not torch.cuda.is_available():
        raise MissingError(
            "no CUDA device here, expected one of 40 GB or more, which 10 billion random weights and batches of clips "
            "need; without --random-weights the demo zoo is timed on any machine"
        )
    return torch.device("cuda", torch.cuda.current_device())


def run(
    zoo: RandomZoo,
    pixels: Sequence[int] = (256, 512),
    batches: Sequence[int] = (4, 8),
    seconds: float = 300.0,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[dict]:
    """Rows as they are measured, the most important first; one that may not end within `seconds` is told as skipped.

    Raises InputError for films whose edge is no multiple of 64, the smallest that the video model's four levels share.
    """
    if wrong := [size for size in pixels if size % 64 or size < 64]:
        raise InputError(f"got films of {wrong[0]} pixels, expected a multiple of 64")
    began = clock()
    yield {"card": _card(zoo.device), "torch": torch.__version__, "weights": "random"}
    yield _built(zoo)
    yield _noise(zoo, pixels[0])
    rows, spent, planned = plan(pixels, batches), 0.0, 0.0
    for i, row in enumerate(rows):
        pace = max(0.5, spent / planned) if planned else 1.0  # of this card
        left = seconds - (clock() - began)
        if i == len(rows) // 2 and pace * CHECKS < left:
            yield from checks(zoo, pixels[0], max(batches, default=1))
            left = seconds - (clock() - began)
        if pace * row.seconds > left:
            yield {"skipped": row.name, "pixels": row.pixels, "batch": row.batch}
            continue
        started = clock()
        try:
            yield measured(zoo, row)
        except (torch.OutOfMemoryError, InputError) as error:
            yield {"failed": row.name, "pixels": row.pixels, "batch": row.batch, "error": str(error).splitlines()[0]}
        spent, planned = spent + clock() - started, planned + row.seconds
    yield {"done": round(clock() - began, 1)}


def _built(zoo: RandomZoo) -> dict:
    """All parts of the route made now, not within what is timed."""
    began = time.perf_counter()
    parts = [zoo.part(role) for role in ("keyframes", "captioner/blip2", "video")]
    models = [*parts, zoo.subject.perception, zoo.subject.semantic, zoo.subject.prior]
    millions = sum(p.numel() for model in models for p in model.parameters()) / 1e6
    return {"built": round(millions, 1), "seconds": round(time.perf_counter() - began, 1)}


def _noise(zoo: RandomZoo, pixels: int, n: int = 5) -> dict:
    """How long the CPU draws the noise of one clip, from a generator of its own."""
    tokens = zoo.subject.semantic.centre.shape
    side = zoo.part("keyframes").unet.config.sample_size
    shapes = (tokens, tokens, (4, side, side), (16, 4, pixels // 8, pixels // 8))
    began = time.perf_counter()
    for clip in range(n):
        for shape in shapes:
            randn(tuple(shape), [seeded(clip)])
    return {"noise drawn on the CPU": round((time.perf_counter() - began) / n, 5)}


def _card(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"

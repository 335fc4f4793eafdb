"""Protocols: under one name everything that a table of scores depends on, the oddities of its program included.

The programs of the field differ in more than they say (neuroclips docs/evaluation.md); numbers of two protocols are
numbers of two measures, and cannot stand in one column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from neuroclips.errors import InputError
from neuroclips.ranges import Checked, Range


@dataclass(frozen=True)
class Protocol(Checked):
    """How films are looked at and scored.

    pixels : edge to which frames of truth and film are brought; None: that of the truth.
    ssim : "colour" of RGB in uniform windows of 7; "gray" in Gaussian windows; "columns" is what becomes of a gray
    picture whose columns are taken for colours.
    truths : leading classes of the true frame that all count as true; 3 lift 2-way chance to 0.75.
    pairs : frames whose CLIP embeddings are compared, neighbours or all. gate : of likeness to the truth, below which
    CLIP-pcc is 0. moments : of the six of a clip at 3 fps, those that are looked at. film_frames : of a film of 16
    frames, which stand for them; None: the nearest in time.
    """

    name: str
    source: str  # whose program, and where it is described
    oddities: tuple[str, ...]  # what a reader must know, a sentence each
    metrics: tuple[str, ...]  # of the registry
    pixels: Annotated[int, Range(16, 4096)] | None = None
    ssim: Literal["colour", "gray", "columns"] = "colour"
    psnr_most: float | None = None  # [dB], of equal frames
    truths: Annotated[int, Range(1, 10)] = 1
    trials: Annotated[int, Range(1, 10_000)] = 100  # of the sampled version
    pairs: Literal["adjacent", "all"] = "adjacent"
    gate: float | None = None
    moments: tuple[int, ...] = (0, 1, 2, 3, 4, 5)
    film_frames: tuple[int, ...] | None = None
    flow: Literal["dis", "farneback"] = "dis"
    flow_pixels: Annotated[int, Range(16, 4096)] = 128


PROTOCOLS: dict[str, Protocol] = {
    "paper": Protocol(
        "paper",
        "NeuroClips, section 4.3: what the paper says; its code has no metrics",
        (),
        ("ssim", "psnr", "frame_2_way", "frame_41_way", "video_2_way", "video_50_way", "clip_pcc"),
    ),
}


def protocol_named(name: str) -> Protocol:
    """A protocol of the table. Raises InputError with the known names."""
    if name not in PROTOCOLS:
        raise InputError(f"got protocol {name!r}, expected one of: {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]

"""Protocols: under one name everything that a table of scores depends on, the oddities of its program included.

The programs of the field differ in more than they say (neuroclips docs/evaluation.md); numbers of two protocols are
numbers of two measures, and cannot stand in one column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Literal

from neuroclips.errors import InputError
from neuroclips.metrics.motion import grid_step
from neuroclips.ranges import Checked, Range


@dataclass(frozen=True)
class Protocol(Checked):
    """How films are looked at and scored.

    metrics : of the registry; of those that a judge has too few classes for, the largest that it can do is listed too.
    pixels : edge to which frames of truth and film are brought; None: that of the truth.
    ssim : "colour" of RGB in uniform windows of 7; "gray" in Gaussian windows; "columns" is what becomes of a gray
    picture whose columns are taken for colours.
    truths : leading classes of the true frame that all count as true; 3 lift 2-way chance to 0.75. top : how many best
    of N classes a true one may be among. trials : random draws of the program for each frame or film, which `sampled`
    of score.py draws, too; other_trials : of metrics for which it draws another number.
    pairs : frames whose CLIP embeddings are compared, neighbours or all. gate : of likeness to the truth, at or below
    which CLIP-pcc is 0. moments : of the six of a clip at 3 fps, those that are looked at. film_frames : of a film of
    16 frames, which stand for all six of them; None: the nearest in time.
    """

    name: str
    source: str  # whose program, and where it is described
    oddities: tuple[str, ...]  # what a reader must know, a sentence each
    metrics: tuple[str, ...]
    pixels: Annotated[int, Range(16, 4096)] | None = None
    ssim: Literal["colour", "gray", "columns"] = "colour"
    psnr_most: float | None = None  # [dB], of equal frames
    truths: Annotated[int, Range(1, 10)] = 1
    top: Annotated[int, Range(1, 100)] = 1
    trials: Annotated[int, Range(1, 100_000)] = 100
    pairs: Literal["adjacent", "all"] = "adjacent"
    gate: float | None = None
    moments: tuple[Annotated[int, Range(0, 5)], ...] = (0, 1, 2, 3, 4, 5)
    film_frames: tuple[int, ...] | None = None
    flow: Literal["dis", "farneback"] = "dis"
    flow_pixels: Annotated[int, Range(16, 4096)] = 128
    other_trials: tuple[tuple[str, int], ...] = field(default=(), repr=False)  # no score that is kept depends on it

    def trials_of(self, metric: str) -> int:
        """Random draws for an N-way metric."""
        return dict(self.other_trials).get(metric, self.trials)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know, a sentence each: the oddities, and what follows from the choices."""
        return (*self.oddities, *self._of_trials(), *self._of_flow())

    def _of_trials(self) -> Iterator[str]:
        if any(re.search(r"_\d+_way$", name) for name in self.metrics):
            counts = sorted({self.trials, *(n for _, n in self.other_trials)})
            errors = " and ".join(f"up to {0.5 / n**0.5:.2f} for {n}" for n in counts)
            yield (
                "N-way is the probability p itself, which T random trials of each frame or film estimate with a "
                f"binomial error of sqrt(p (1 - p) / T): {errors}."
            )

    def _of_flow(self) -> Iterator[str]:
        if "end_point_error" in self.metrics:
            step = grid_step(self.flow_pixels)
            yield (
                f"End-point error is the mean over a grid, one of every {step} x {step} pixels, of flow that is "
                f"computed at {self.flow_pixels} pixels."
            )


THREE_TRUE = (
    "The three leading classes of the true frame all count as true, and one of them is enough: chance is 3 / (N + 2), "
    "0.75 for 2-way and 0.058 for 50-way, not 1 / N.",
    "The ± that its program prints is the mean binomial error of 100 draws per clip, not a spread over clips, films or "
    "people; N-way here is the exact expectation of those draws.",
)
RELEASED_JUDGES = (
    "Its judges are ViT-B/16 of ImageNet-1k and VideoMAE-B of Kinetics-400; the demo judges know 41 and 92 classes of "
    "simulated films, so that 50-way of frames becomes the largest N that they can do."
)
COLOUR_SSIM = "SSIM is of colour, in uniform windows of 7 x 7."

PROTOCOLS: dict[str, Protocol] = {
    "paper": Protocol(
        "paper",
        "NeuroClips, section 4.3: what the paper says; no code of its metrics was released",
        (
            "One class is true, so that N-way chance is 1 / N; the paper's words say no more of it.",
            "The paper leaves size, colour and window of SSIM open: here RGB, uniform 7 x 7, at the size of the truth.",
            "Pixel correlation, CLIP likeness, end-point error and motion energy are not in the paper's tables.",
        ),
        (
            "ssim",
            "psnr",
            "pixel_correlation",
            "frame_2_way",
            "frame_41_way",
            "frame_50_way",
            "video_2_way",
            "video_50_way",
            "clip_likeness",
            "clip_pcc",
            "end_point_error",
            "motion_energy",
        ),
    ),
    "mind-video": Protocol(
        "mind-video",
        "MinD-Video (arXiv 2305.11675), as its released metrics compute; re-implemented from a description",
        (*THREE_TRUE, COLOUR_SSIM, "Frames are 256 pixels wide, and its program reads them from GIF files.")
        + (RELEASED_JUDGES, "Judges computed in half precision there."),
        ("ssim", "frame_2_way", "frame_39_way", "frame_50_way", "video_2_way", "video_50_way"),
        pixels=256,
        truths=3,
    ),
    "mind-animator": Protocol(
        "mind-animator",
        "Mind-Animator (arXiv 2405.03280), as its released metrics compute; re-implemented from a description",
        (
            *THREE_TRUE,
            COLOUR_SSIM,
            "PSNR of equal frames is 100 dB.",
            "CLIP-pcc of a film whose likeness to the truth is 0.6 or less is 0, so that its mean says how many films "
            "pass rather than how smooth they are. The gate there is ViFi-CLIP, which is not here: the CLIP judge "
            "stands in, by the cosine of mean embeddings.",
            "CLIP is ViT-B/32 there; here it is the CLIP judge of the zoo.",
            "End-point error is of Farneback flow, in pixels of frames of 512: up to four times as many as of 128. Its "
            "program's parameters are not known here: they are those of OpenCV's tutorial.",
            "Its program draws 20 trials for frames 2-way and 100 elsewhere.",
            "Its own films were scored by 8 frames, others' by 6; here all are by 6.",
            RELEASED_JUDGES,
        ),
        (
            "ssim",
            "psnr",
            "frame_2_way",
            "frame_39_way",
            "frame_50_way",
            "video_2_way",
            "video_50_way",
            "clip_pcc",
            "end_point_error",
        ),
        pixels=512,
        psnr_most=100.0,
        truths=3,
        gate=0.6,
        other_trials=(("frame_2_way", 20),),
        flow="farneback",
        flow_pixels=512,
    ),
    "neurons": Protocol(
        "neurons",
        "NEURONS (arXiv 2503.11167), as its released metrics compute; re-implemented from a description",
        (
            *THREE_TRUE,
            "SSIM takes the columns of a gray picture for its colours: every column of pixels is compared by itself, "
            "in Gaussian windows of standard deviation 1.5 down the column. It is higher than SSIM of the picture.",
            "CLIP-pcc is the mean over all pairs of frames, by ViT-L/14 there and the CLIP judge of the zoo here.",
            "Of a film of 16 frames it scores frames 4, 6, ... 14 against true frames 0 to 5, up to half a second late "
            "in the film; films of other lengths are scored by the frames nearest in time.",
            "Frames are 256 pixels wide, and its program reads them from GIF files with their borders and palette.",
            RELEASED_JUDGES,
        ),
        ("ssim", "psnr", "frame_2_way", "frame_39_way", "frame_50_way", "video_2_way", "video_50_way", "clip_pcc"),
        pixels=256,
        ssim="columns",
        truths=3,
        pairs="all",
        film_frames=(4, 6, 8, 10, 12, 14),
    ),
    "mindeye": Protocol(
        "mindeye",
        "MindEye2 (arXiv 2403.11207), a protocol of pictures, at one frame of a film",
        (
            "Only the middle frame of each film is scored: the fourth of six.",
            "Pixel correlation and SSIM are at 425 pixels; SSIM is of gray pictures in Gaussian windows.",
            "Programs of this kind give scikit-image the argument multichannel, by which old releases took columns for "
            "colours, as neurons does; releases of today leave it unread, and so does this.",
            "Two-way identification is by CLIP: how many of the other true frames are less like the film than its own. "
            "It depends on which others are scored along with it.",
            "Its other networks (AlexNet, Inception, EfficientNet, SwAV) are not here, and their columns are left out.",
        ),
        ("pixel_correlation", "ssim", "clip_two_way"),
        pixels=425,
        ssim="gray",
        moments=(3,),
    ),
}


def protocol_named(name: str) -> Protocol:
    """A protocol of the table. Raises InputError with the known names."""
    if name not in PROTOCOLS:
        raise InputError(f"got protocol {name!r}, expected one of: {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]

"""What is measured of the paper zoo: each row a way to compute, of films of one size, for one batch of clips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from neuroclips.configure import configure
from neuroclips.types import PRESETS, Settings


@dataclass(frozen=True)
class Speed:
    """Measures that make a zoo faster; without any it computes as released.

    tf32 : of float32 matrix products, too; convolutions have it always, as PyTorch's default is. half : bfloat16 in
    all frozen models, instead of float32 for films and float16 for keyframes and captions. fused : attention by
    PyTorch's fused kernels. channels_last : of the weights of convolutions. graphs : see pretrained/graphs.py.
    one_half : SparseCtrl on the conditional half of guidance only. few : DPM-Solver++ in FEW steps for keyframes
    and films. compiled : UNets, before they are recorded.
    """

    tf32: bool = True
    fused: bool = True
    half: bool = False
    channels_last: bool = False
    graphs: bool = False
    one_half: bool = False
    few: bool = False
    compiled: bool = False

    def settings(self, paper: Settings) -> Settings:
        """Those of the paper zoo, begun as the released code begins, as this speed wants them."""
        changes: dict[str, Any] = {"control_halves": "conditional"} if self.one_half else {}
        if self.few:
            changes |= {"keyframe_solver": "dpm", "keyframe_steps": FEW, "video_solver": "dpm", "video_steps": FEW}
        return replace(configure(paper, PRESETS["released"]), **changes)


@dataclass(frozen=True)
class Row:
    """One measurement. seconds : about what it takes on one H100, warming up included, for whoever plans."""

    name: str
    speed: Speed
    pixels: int = 256
    batch: int = 1
    repeats: int = 1
    seconds: float = 15.0


FEW = 12
RELEASED = Speed()
FULL = Speed(half=True, graphs=True, one_half=True)  # every step of the released settings
FAST = replace(FULL, few=True)
JUDGED = "quality not judged: random weights"
IN_FEW = f"... in {FEW} steps"

# one measure after the other, for one clip
LADDER: Mapping[str, Speed] = {
    "bfloat16": Speed(half=True),
    "bfloat16 without fused attention": Speed(half=True, fused=False),
    "bfloat16, channels last": Speed(half=True, channels_last=True),
    "bfloat16 and CUDA graphs": Speed(half=True, graphs=True),
    "bfloat16, channels last and CUDA graphs": Speed(half=True, channels_last=True, graphs=True),
}


def plan(pixels: Sequence[int], batches: Sequence[int]) -> list[Row]:
    """Rows, the most important first, for whoever has too little time for all.

    Alone and in the largest batch at the first size, then at the others, then measure by measure, then other batches.
    """
    first, *others = pixels
    most = max(batches, default=1)
    rows = [*_alone(first), *_together(first, most, IN_FEW), *_together(first, most, "all measures")]
    for size in others:
        rows += [*_alone(size), *_together(size, min(batches, default=1), IN_FEW)]
    rows += [Row(name, speed, first, 1, 2, 13) for name, speed in LADDER.items()]
    rows.append(Row("released, TF32 in convolutions only", replace(RELEASED, tf32=False), first, 1, 2, 20))
    for n in sorted(set(batches) - {most}, reverse=True):
        rows += [*_together(first, n, IN_FEW), *_together(first, n, "all measures")]
    for size in others:
        rows += _together(size, min(batches, default=1), "all measures")
    return rows + [Row(f"{IN_FEW}, compiled", replace(FAST, compiled=True), first, most, 2, 240)]


def _alone(pixels: int) -> list[Row]:
    """One clip at a time: as released, and with what is faster."""
    wait = (pixels / 256) ** 2
    return [
        Row("released", RELEASED, pixels, 1, 2, 8 + 6 * wait),
        Row("all measures", FULL, pixels, 1, 3, 7 + 3 * wait),
        Row(IN_FEW, FAST, pixels, 1, 3, 4 + 2 * wait),
    ]


def _together(pixels: int, n: int, name: str) -> list[Row]:
    """Several clips at a time."""
    wait = n * (1 + 2 * (pixels / 256) ** 2) / 3
    few = name == IN_FEW
    return [Row(name, FAST if few else FULL, pixels, n, 1, 4 + wait * (1.5 if few else 2.8))] if n > 1 else []

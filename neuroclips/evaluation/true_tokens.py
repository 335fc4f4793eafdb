"""What the keyframe model draws of the true image tokens alone: how much of a picture it can give back (figure 13)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from neuroclips.export import FILES
from neuroclips.media import write_image
from neuroclips.noise import seeded
from neuroclips.types import Step
from neuroclips.zoo import Zoo, load_part

SUFFIX = Path(FILES[Step.KEYFRAME]).suffix
STEP = 13  # of the seed, so that its noise is nobody else's


class Truth(Protocol):
    """What was shown: a dataset."""

    def stimulus(self, clip: int, n_frames: int) -> Tensor: ...


@torch.no_grad()
def keyframes(zoo: Zoo, frames: Tensor, generators: Sequence[torch.Generator]) -> Tensor:
    """Pictures (n, 3, H, W) of the tokens of frames (n, 3, H, W), begun at noise: they never meet the frames."""
    settings = zoo.settings
    drawn = load_part(zoo, "keyframes")(
        load_part(zoo, "clip").image_tokens(frames),
        None,
        start=1.0,
        num_inference_steps=settings.keyframe_steps,
        guidance_scale=settings.keyframe_guidance,
        generators=list(generators),
        solver=settings.keyframe_solver,
    )
    return drawn.float().cpu()


def keyframe(zoo: Zoo, truth: Truth, clip: int) -> Tensor:
    """The picture (3, H, W) of the tokens of the first true frame of a clip."""
    frames = truth.stimulus(clip, 6)[:1]
    return keyframes(zoo, frames, [seeded(zoo.settings.seed, clip, STEP)])[0]


def write(zoo: Zoo, truth: Truth, clips: Collection[int], folder: Path) -> dict[int, Path]:
    """Pictures CCC.png of clips; those that are there are kept."""
    paths = {clip: folder / f"{clip:03d}{SUFFIX}" for clip in clips}
    for clip, path in paths.items():
        if not path.exists():
            write_image(path, keyframe(zoo, truth, clip))
    return paths

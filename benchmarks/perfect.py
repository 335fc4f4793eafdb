"""Keyframes and films that the demo zoo makes of perfect inputs: true tokens, true sentences, true blurry videos."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from neuroclips.evaluation import true_tokens
from neuroclips.paths import ASSETS
from neuroclips.web.clips import CLIP_FRAMES
from neuroclips.zoo import load_part, zoo_named

TABLE = ASSETS / "readme" / "zoo.json"  # where measurements of them are kept
ZOO = zoo_named()
NUMBERS = ZOO.settings
FAST = {
    "num_inference_steps": NUMBERS.video_steps,
    "solver": NUMBERS.video_solver,
    "start": NUMBERS.video_start,
    "guidance_scale": NUMBERS.video_guidance,
}
PAPER = {"num_inference_steps": 25, "solver": "ddim"}


def blurry(clip: Tensor) -> Tensor:
    """What a perfect Perception Reconstructor would give of (16, 3, H, W): six frames without detail."""
    frames = clip[(torch.arange(6) * CLIP_FRAMES / 6).round().long()]
    edge = frames.shape[-1]
    return interpolate(interpolate(frames, size=edge // 8, mode="area"), size=edge, mode="bilinear")


def keyframes(frames: Tensor) -> Tensor:
    """Keyframes (n, 3, H, W) from the true CLIP tokens of frames, begun at pure noise."""
    return true_tokens.keyframes(ZOO, frames, [_generator(row) for row in range(len(frames))])


def film(
    caption: str,
    keyframe: Tensor | None,
    start_from: Tensor | None,
    seed: int = 0,
    **setting,
) -> Tensor:
    """A video (16, 3, H, W) by the text-to-video model; `setting` changes how the demo zoo makes it."""
    made = load_part(ZOO, "video")(
        [caption],
        None if keyframe is None else keyframe[None],
        None if start_from is None else start_from[None],
        n_video_frames=CLIP_FRAMES,
        theta=NUMBERS.theta,
        generators=[_generator(seed)],
        **(FAST | setting),
    )
    return made[0].cpu()


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)

"""What guides the film of one sample: all that is decoded and made of it before the video model runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neuroclips.types import FmriSample, Settings, Step

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Guides:
    """Steps 1 to 5 of the route, of one sample; tensors are on the CPU.

    tail : the frame that the film should run into, where it belongs to a longer one (paper, section 3.4).
    """

    sample: FmriSample
    settings: Settings  # as they are used
    blurry_video: Tensor  # (n_frames, 3, H, W) at 3 fps
    keyframe: Tensor | None  # (3, H, W), None without beta
    caption: str
    image_tokens: Tensor | None  # (n_tokens, clip_dim), None without beta
    likeness: tuple[float, ...]  # of the draws of the keyframe
    seconds: Mapping[Step, float]
    reconstructors: Mapping[str, Mapping[str, str]]
    tail: Tensor | None = None  # (3, H, W)

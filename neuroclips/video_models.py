"""What each video model can do, and the settings that go with it. Nothing heavy is imported here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ANIMATEDIFF, LTX = "animatediff", "ltx"
LTX_PIXELS = 512  # edge of its films


@dataclass(frozen=True)
class VideoModel:
    """Bounds of settings, None where a zoo has its own, and settings in the place of the zoo's.

    grid : [pixels], of which the edge of a film is a multiple. alpha_modes : that its noise schedule can begin in.
    first_of_noise : whether its first step is of pure noise, where nothing is left of a blurry video. ignores :
    settings that change nothing about its films. quickened : whether it has networks that `--speed` makes faster.
    """

    grid: int = 1
    most_frames: int | None = None
    alpha_modes: tuple[str, ...] | None = None
    first_of_noise: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    ignores: tuple[str, ...] = ()
    quickened: bool = True


VIDEO_MODELS = {
    ANIMATEDIFF: VideoModel(grid=8),
    # distilled: eight steps without guidance. The blurry video takes over at the noise of 0.909, three steps before the
    # end, where Lightricks' own second pass takes over a film; words are a sentence, not tags of a picture.
    LTX: VideoModel(
        grid=32,
        most_frames=257,
        alpha_modes=("partial",),
        first_of_noise=True,
        settings={
            "pixels": LTX_PIXELS,
            "video_steps": 8,
            "video_start": 0.375,
            "video_guidance": 1.0,
            "alpha_mode": "partial",
            "prompt_suffix": "",
        },
        ignores=("theta", "video_solver", "control_halves"),
        quickened=False,
    ),
}


def abilities(video_model: str) -> VideoModel:
    """What a video model can do; one that is not in the table has the bounds and settings of its zoo."""
    return VIDEO_MODELS.get(video_model, VideoModel())

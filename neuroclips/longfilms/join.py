"""How one film runs into the next: what guides the films on both sides of a joint, and which frame is shown once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

import torch
from torch import Tensor

from neuroclips.guides import Guides
from neuroclips.pretrained.base import resized
from neuroclips.pretrained.video import interpolate_frames
from neuroclips.ranges import Checked, Range


@dataclass(frozen=True)
class Joining(Checked):
    """How long films are made; `join` and `lead` were chosen on validation films (docs/results.md, "Long films").

    longest : clips of 2 s that one film has at most; the paper's are three.
    join : "head": the later film begins with the last frame of the former one, as the paper says; "tail": the former
        film ends with the keyframe of the later clip, which its first frame shows, too; "both".
    lead : video frames over which the later film's blurry video takes over from the former film's last frame; of a
        later film that begins with that frame.
    """

    longest: Annotated[int, Range(1, 10_000)] = 3
    join: Literal["head", "tail", "both"] = "head"
    lead: Annotated[int, Range(0, 1000)] = 4

    @property
    def has_head(self) -> bool:
        return self.join != "tail"

    @property
    def has_tail(self) -> bool:
        return self.join != "head"

    def guided(self, own: Guides, former: Tensor | None, later: Guides | None) -> Guides:
        """What guides the film of a clip that is joined to the film (n, 3, H, W) of a former clip and to a later one.

        None where it is not.
        """
        if self.has_tail and later is not None:
            own = replace(own, tail=later.keyframe)
        if self.has_head and former is not None:
            own = replace(own, keyframe=former[-1], blurry_video=led(own.blurry_video, former, self.lead))
        return own

    def kept(self, n_films: int, n_frames: int) -> list[slice]:
        """Which frames of each of the films that are joined are shown: the frame that two of them share only once."""
        if self.has_head:
            return [slice(min(i, 1), n_frames) for i in range(n_films)]
        return [slice(0, n_frames - (i < n_films - 1)) for i in range(n_films)]


def led(blurry_video: Tensor, former: Tensor, n_frames: int) -> Tensor:
    """A blurry video (n, 3, h, w) at the rate of a film (m, 3, H, W), (m, 3, h, w), that fades from its last frame.

    Of the first `n_frames` the share of that frame falls evenly from 1; all others are as they were.
    """
    if not n_frames:
        return blurry_video
    slow, last = interpolate_frames(blurry_video, len(former)), former[-1].to(blurry_video)
    share = (1 - torch.arange(len(former)) / n_frames).clamp(min=0).to(slow).view(-1, 1, 1, 1)
    return share * resized(last, tuple(slow.shape[-2:])).clamp(0, 1) + (1 - share) * slow  # type: ignore[arg-type]


def joined(videos: Sequence[Tensor], kept: Sequence[slice]) -> Tensor:
    """The shown frames of films (n, 3, H, W), one after the other."""
    return torch.cat([video[frames] for video, frames in zip(videos, kept, strict=True)])

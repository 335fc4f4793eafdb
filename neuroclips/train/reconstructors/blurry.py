"""How much decoded latents look like the validation films: what perception and the linear baseline are scored by."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from neuroclips.metrics.pixel import pixel_correlation
from neuroclips.train.reconstructors.study import Study
from neuroclips.train.targets import targets
from neuroclips.zoo import load_part

N_VALIDATED = 48  # clips that are decoded to pixels
COMPARED = (0, 3)  # frames of each


class Blurry:
    """Evenly spaced validation clips of a study, decoded by its codec."""

    def __init__(self, study: Study):
        self.study = study
        self.validated = slice(None, None, max(1, len(study.validation) // N_VALIDATED))  # of the validation clips

    @cached_property
    def codec(self) -> Any:
        """What decodes latents to pixels; only the validation does."""
        return load_part(self.study.zoo, "codec")

    @cached_property
    def truth(self) -> Tensor:
        """The compared frames of the validated clips, (2 n, 3, H, W)."""
        clips = self.study.validation[self.validated].tolist()
        return torch.cat([targets.middle_pixels(self.study.data, clips, frame) for frame in COMPARED])

    def correlation(self, latents: Tensor) -> float:
        """Mean pixel correlation of the compared frames; latents : of the validated clips, (n, n_frames, c, h, w)."""
        parts = [self.codec.decode(part) for f in COMPARED for part in latents[:, f].split(16)]
        return pixel_correlation(torch.cat(parts).cpu(), self.truth)

"""What metrics read of films: pixels, and what frozen judges see in them. Any films: true, decoded, or a floor's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

METRICS_VERSION = 1  # raised when what `see` or `score` give changes: what was kept of films is then made anew


@dataclass(frozen=True)
class Features:
    """Of n films, as one protocol looks at them; what nobody judged is None.

    frames : uint8 (n, n_frames, 3, H, W), the scored moments at the size of the protocol.
    frame_logits : float32 (n, n_frames, n_classes). video_logits : float32 (n, n_actions).
    embeddings : float32 (n, n_frames, D), unit vectors of CLIP. flow : float32 (n, n_frames - 1, 2, h, w) [pixels].
    energy : float32 (n, n_filters), motion energy.
    """

    frames: np.ndarray
    frame_logits: np.ndarray | None = None
    video_logits: np.ndarray | None = None
    embeddings: np.ndarray | None = None
    flow: np.ndarray | None = None
    energy: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, rows: Sequence[int] | np.ndarray | slice) -> Self:
        """Those of some films, in this order; a film may come more than once."""
        there = {field.name: values for field in fields(self) if (values := getattr(self, field.name)) is not None}
        return replace(self, **{name: values[rows] for name, values in there.items()})

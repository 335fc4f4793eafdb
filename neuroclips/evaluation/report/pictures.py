"""Films as pictures inside a page: strips of six frames, one film below the other, as WebP in a data address."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from PIL import Image
from torch import Tensor

from neuroclips.evaluation.report.markup import Markup, joined, tag
from neuroclips.media import to_uint8
from neuroclips.metrics.frames import scored_frames

EDGE = 112  # [pixels] of a frame in a strip
QUALITY = 72


class FilmsOf(Protocol):
    """Where a report takes its pictures from; each is None where there is none.

    condition : of the contract's names; "oracle" is the generator given true guidance, "truth" what was shown.
    """

    def film(self, subject: int, condition: str, clip: int) -> Tensor | None:
        """Frames (n, 3, H, W) in [0, 1] of a clip of 2 s, at any rate."""
        ...

    def keyframe(self, subject: int, condition: str, clip: int) -> Tensor | None:
        """The picture (3, H, W) in [0, 1] that a film began with; of "truth", the true frame that it stands for."""
        ...

    def caption(self, subject: int, condition: str, clip: int) -> str | None:
        """The words that the film was made of; of "truth", a reference caption."""
        ...

    def training(self, film: str, tr: int) -> Tensor | None:
        """Frames (n, 3, H, W) in [0, 1] of a sample of a training film, such as "seg3"."""
        ...


class NoFilms:
    """Of a report without pictures."""

    def film(self, subject: int, condition: str, clip: int) -> None:
        return None

    keyframe = caption = film

    def training(self, film: str, tr: int) -> None:
        return None


def strips(films: Sequence[tuple[str, Tensor]], words: str) -> Markup:
    """Six frames of each film (n, 3, H, W) under its title; words : what they all show, for who cannot see them."""
    return joined(
        *(tag("div", title, image(row(film), f"{words}, {title}: six frames"), class_="row") for title, film in films)
    )


def row(film: Tensor) -> np.ndarray:
    """Six frames side by side: uint8 (EDGE, 6 EDGE, 3)."""
    frames = to_uint8(film[scored_frames(len(film))])
    return np.concatenate([small(frame) for frame in frames], axis=1)


def small(picture: np.ndarray) -> np.ndarray:
    """A picture uint8 (H, W, 3) in a square of EDGE pixels, black beside it where it is not square."""
    fitted = Image.fromarray(picture)
    scale = EDGE / max(fitted.size)
    fitted = fitted.resize(
        (max(1, round(fitted.width * scale)), max(1, round(fitted.height * scale))), Image.Resampling.LANCZOS
    )
    square = Image.new("RGB", (EDGE, EDGE))
    square.paste(fitted, ((EDGE - fitted.width) // 2, (EDGE - fitted.height) // 2))
    return np.asarray(square)


def image(picture: np.ndarray, words: str) -> Markup:
    """uint8 (H, W, 3) as an element that holds its own bytes."""
    held = io.BytesIO()
    Image.fromarray(picture).save(held, "WEBP", quality=QUALITY, method=4)
    address = f"data:image/webp;base64,{base64.b64encode(held.getvalue()).decode()}"
    height, width = picture.shape[:2]
    return tag("img", src=address, alt=words, width=width, height=height, loading="lazy")

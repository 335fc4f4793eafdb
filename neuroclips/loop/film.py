"""Any film file to what is shown to a simulated subject: a square in the middle, eight frames a second, 2 to 10 s.

A file is decoded no further than it is shown, picture by picture, so that its size and rate cost time but no memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from neuroclips.errors import InputError
from neuroclips.film_size import film_pixels
from neuroclips.preprocessing.layout import TR
from neuroclips.reading import naming, plain_file
from neuroclips.simulation.features import FPS

LONGEST = 5  # clips of 2 s
LARGEST = 8192  # [pixels], edge of a picture that is decoded
STILL = 0.1  # [s] that a picture of an animation without times is shown, as browsers do
MOST = 20_000  # pictures that are looked at, and
MOST_PIXELS = 10 * 60 * 3840 * 2160  # of them together: 10 s of 4K at 60 Hz, or,
MOST_ANIMATED = 10 * 30 * 1024 * 1024  # of an animation: 10 s at 30 Hz, which Pillow decodes in about 4 s
EXPECTED = "a film of at least 2 s: MP4, MOV, WebM, MKV, AVI, GIF or WebP"
PER_CLIP = int(TR * FPS)  # frames

Picture = tuple[float, Callable[[], np.ndarray]]  # when it begins [s], and its pixels (H, W, 3) uint8


@dataclass(frozen=True)
class Film:
    """What is shown, and in `notes` what was done to it."""

    name: str
    frames: np.ndarray  # (n_clips * 16, P, P, 3) uint8, at 8 fps
    notes: tuple[str, ...] = ()

    @property
    def n_clips(self) -> int:
        return len(self.frames) // PER_CLIP

    def clip(self, number: int) -> np.ndarray:
        """Frames (16, P, P, 3) of 2 s."""
        return self.frames[PER_CLIP * number : PER_CLIP * (number + 1)]


def read_film(source: Path | bytes, name: str = "") -> Film:
    """A film of a file, or of its bytes in memory, which then never touch the disk.

    Raises InputError that names it for what does not read, is shorter than 2 s or damaged before it was seen.
    """
    path = Path(name or "film") if isinstance(source, bytes) else plain_file(Path(source), EXPECTED)
    with naming(path, EXPECTED):
        return _shown(path.name, source if isinstance(source, bytes) else path)


def _shown(name: str, source: Path | bytes) -> Film:
    """The frames that are on the screen at each moment."""
    n_most, frames, shape, last = LONGEST * PER_CLIP, list[np.ndarray](), None, None
    begun = ended = 0.0
    for begins, ends, pixels in _lasting(_pictures(name, source)):
        ended = ends
        while len(frames) < n_most and len(frames) / FPS < ends - 1e-6:
            if last is None or begun != begins:
                picture = pixels()
                shape, last, begun = shape or picture.shape[:2], _square(picture), begins
            frames.append(last)
        if len(frames) == n_most and ends > n_most / FPS + 0.05:
            break
    n_clips = len(frames) // PER_CLIP
    if not n_clips or shape is None:
        lasts = f"a film of {ended:.2f} s" if shape else "no picture"
        raise InputError(f"{name}: got {lasts}, expected {EXPECTED}")
    return Film(name, np.stack(frames[: n_clips * PER_CLIP]), tuple(_notes(n_clips, ended, shape)))


def _notes(n_clips: int, seconds: float, shape: tuple[int, int]) -> Iterator[str]:
    if n_clips == LONGEST and seconds > LONGEST * TR + 0.05:
        yield f"longer than {LONGEST * TR:g} s: its first {LONGEST * TR:g} s are shown"
    elif seconds > n_clips * TR + 0.05:
        yield f"{seconds:.2f} s long: its first {n_clips * TR:g} s are shown, whole clips of {TR:g} s"
    height, width = shape
    if height != width:
        edge = min(height, width)
        yield f"{width} x {height} pixels: the square of {edge} in the middle is shown, the rest is cut off"


def _lasting(pictures: Iterator[Picture]) -> Iterator[tuple[float, float, Callable[[], np.ndarray]]]:
    """Begin, end and pixels of each picture: it lasts until the next, the last one as long as the one before."""
    former, step, first = None, 0.0, 0.0
    for number, (time, pixels) in enumerate(pictures):
        if former is None:
            former, first = (0.0, pixels), time
            continue
        begins, step = former[0], max(0.0, time - first - former[0])
        yield begins, begins + step, former[1]
        former = (begins + step, pixels)
        if number > MOST:
            return
    if former:
        yield former[0], former[0] + step, former[1]


def _square(picture: np.ndarray) -> np.ndarray:
    """The middle square of a picture (H, W, 3) at the size of films."""
    from PIL import Image

    height, width = picture.shape[:2]
    edge, pixels = min(height, width), film_pixels()
    top, left = (height - edge) // 2, (width - edge) // 2
    square = Image.fromarray(np.ascontiguousarray(picture[top : top + edge, left : left + edge]))
    how = Image.Resampling.BOX if edge >= 2 * pixels else Image.Resampling.BICUBIC
    return np.asarray(square if edge == pixels else square.resize((pixels, pixels), how))


def _pictures(name: str, source: Path | bytes) -> Iterator[Picture]:
    head = source[:16] if isinstance(source, bytes) else _head(source)
    opened: Any = BytesIO(source) if isinstance(source, bytes) else str(source)
    animated = head.startswith((b"GIF8", b"\x89PNG")) or head[8:12] == b"WEBP"
    return _of_animation(name, opened) if animated else _of_video(name, opened)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(16)


def _of_video(name: str, opened: Any) -> Iterator[Picture]:
    import av

    with av.open(opened) as container:
        if not container.streams.video:
            raise InputError(f"{name}: got a file without pictures, expected {EXPECTED}")
        stream = container.streams.video[0]
        _expect_size(name, stream.codec_context.width, stream.codec_context.height)
        shape = stream.sample_aspect_ratio or 1
        for number, frame in enumerate(container.decode(stream)):
            _expect_size(name, frame.width, frame.height)
            _expect_pixels(name, (number + 1) * frame.width * frame.height, MOST_PIXELS, "4K at 60 Hz")
            if frame.is_corrupt:
                raise InputError(f"{name}: got a film that is damaged at frame {number}, expected a whole one")
            time = frame.time if frame.time is not None else number / float(stream.average_rate or 25)
            yield time, lambda frame=frame: _upright(frame, float(shape))  # type: ignore[misc]


def _upright(frame: Any, shape: float) -> np.ndarray:
    """Pixels (H, W, 3) of a frame of av as a player shows them: turned, and stretched where pixels are not square."""
    wide = min(LARGEST, max(2, round(frame.width * shape)))
    pixels = frame.to_ndarray(
        format="rgb24", **({"width": wide, "height": frame.height} if wide != frame.width else {})
    )
    return np.rot90(pixels, round(getattr(frame, "rotation", 0) / 90) % 4)


def _of_animation(name: str, opened: Any) -> Iterator[Picture]:
    from PIL import Image

    with Image.open(opened) as film:
        _expect_size(name, *film.size)
        begins = 0.0
        for number in range(getattr(film, "n_frames", 1)):
            _expect_pixels(name, (number + 1) * film.width * film.height, MOST_ANIMATED, "1024 x 1024 at 30 Hz")
            film.seek(number)
            shown = film.copy()  # decodes it, which also tells for how long it is shown
            yield begins, lambda shown=shown: np.asarray(_over_black(shown))  # type: ignore[misc]
            begins += film.info.get("duration", 0) / 1000 or STILL


def _over_black(picture: Any) -> Any:
    from PIL import Image

    if not picture.has_transparency_data:
        return picture.convert("RGB")
    rgba = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, (0, 0, 0, 255)), rgba).convert("RGB")


def _expect_pixels(name: str, pixels: int, most: int, told: str) -> None:
    if pixels > most:
        raise InputError(f"{name}: got more pixels than 10 s of {told} have, expected fewer: make it smaller")


def _expect_size(name: str, width: int, height: int) -> None:
    if max(width, height) > LARGEST:
        raise InputError(f"{name}: got {width} x {height} pixels, expected at most {LARGEST} a side: make it smaller")

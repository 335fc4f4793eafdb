"""Films of any making to the six moments that are scored: GIF, WebP, MP4, WebM and others, or a folder of pictures.

A film is taken to last as long as its truth, whatever its rate says: moments are taken evenly over its duration.
Transparent parts are black.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from neuroclips.errors import InputError
from neuroclips.metrics.frames import N_SCORED, scored_frames
from neuroclips.reading import naming, plain_file

ANIMATIONS = frozenset({".gif", ".webp", ".apng"})
VIDEOS = frozenset({".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg"})
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})
EXPECTED = "a film"
LONG = 64  # frames; longer films are read twice rather than held in memory

Frame = tuple[float | None, Callable[[], np.ndarray]]  # when it begins [s], where the file says so; uint8 (H, W, 3)


def read_moments(path: Path, of_sixteen: Sequence[int] | None = None) -> np.ndarray:
    """The six scored moments, uint8 (6, 3, H, W), of a film; one of a single picture is that picture all the time.

    of_sixteen : frames that stand for them in a film of 16 frames; else those nearest in time.
    Raises InputError that names the file where it does not read, is empty or changes its size.
    """
    with naming(path, EXPECTED):
        frames = list(islice(_frames(path), LONG))
        if len(frames) < LONG:
            times, picked = [time for time, _ in frames], dict(enumerate(frames))
        else:
            del frames
            times, picked = [time for time, _ in _frames(path)], {}
        if not times:
            raise InputError(f"{path}: got no frame, expected {EXPECTED}")
        rows = list(of_sixteen) if of_sixteen and len(times) == 16 else nearest(times)
        if not picked:
            picked = {row: frame for row, frame in enumerate(islice(_frames(path), max(rows) + 1)) if row in rows}
        shown = {row: picked[row][1]() for row in sorted(set(rows))}
        if len(shapes := {frame.shape[:2] for frame in shown.values()}) > 1:
            sizes = " and ".join(sorted(f"{width} x {height}" for height, width in shapes))
            raise InputError(f"{path}: got frames of {sizes} pixels, expected one size")
        return np.stack([shown[row] for row in rows]).transpose(0, 3, 1, 2)  # (6, 3, H, W)


def size_of(path: Path) -> tuple[int, int]:
    """Height and width of a film, as its file says. Raises InputError that names the file where there is no picture."""
    with naming(path, EXPECTED):
        if path.is_dir():
            height, width = _picture(pictures_in(path)[0]).shape[:2]
            return height, width
        plain_file(path, EXPECTED)
        if path.suffix.lower() in ANIMATIONS:
            from PIL import Image

            with Image.open(path) as film:
                return film.height, film.width
        import av

        with av.open(str(path)) as container:
            stream = _pictures_of(path, container)
            return stream.height, stream.width


def nearest(times: Sequence[float | None]) -> list[int]:
    """Indices (6,) of the frames nearest to six moments that lie evenly in the duration, from when each begins [s].

    The last frame lasts as long as the median of the others. Times that are nowhere half a frame off even ones, as when
    a format rounds them, are taken for even, and so are times that are lacking or do not go up.
    """
    n = len(times)
    known = np.array([np.nan if time is None else time for time in times], float)
    steps = np.diff(known)
    if n < 3 or not (steps > 0).all():
        return scored_frames(n)
    even = np.linspace(known[0], known[-1], n)
    if np.abs(known - even).max() < (known[-1] - known[0]) / (n - 1) / 2:
        return scored_frames(n)
    starts = (known - known[0]) / (known[-1] - known[0] + np.median(steps))
    away = np.abs(starts - np.arange(N_SCORED)[:, None] / N_SCORED)  # (6, n)
    return [int(row) for row in away.argmin(1)]


def natural(name: str) -> list[tuple[int, str]]:
    """A key by which frame2 comes before frame10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


def pictures_in(folder: Path) -> list[Path]:
    """Pictures of a folder, hidden files aside, in natural order."""
    found = [path for path in folder.iterdir() if path.suffix.lower() in PICTURES and not path.name.startswith(".")]
    return sorted(found, key=lambda path: natural(path.name))


def _frames(path: Path) -> Iterator[Frame]:
    if path.is_dir():
        return ((None, partial(_picture, picture)) for picture in pictures_in(path))
    plain_file(path, EXPECTED)
    return _of_animation(path) if path.suffix.lower() in ANIMATIONS else _of_video(path)


def _of_video(path: Path) -> Iterator[Frame]:
    import av

    with av.open(str(path)) as container:
        _pictures_of(path, container).codec_context.thread_count = 1  # several films are read at once
        for row, frame in enumerate(container.decode(video=0)):
            if frame.is_corrupt:  # the library makes something up in its place
                raise InputError(
                    f"{path}: got a film that is damaged at frame {row}, expected a whole one: copy it again"
                )
            yield frame.time, partial(frame.to_ndarray, format="rgb24")


def _pictures_of(path: Path, container):
    """The first stream of pictures in a container of av."""
    if not container.streams.video:
        raise InputError(f"{path}: got a file without pictures, expected {EXPECTED}")
    return container.streams.video[0]


def _of_animation(path: Path) -> Iterator[Frame]:
    from PIL import Image

    with Image.open(path) as film:
        begins = 0.0
        for row in range(getattr(film, "n_frames", 1)):
            film.seek(row)
            shown = _rgb(path, film)
            yield begins, partial(np.asarray, shown)
            begins += film.info.get("duration", 0) / 1000


def _picture(path: Path) -> np.ndarray:
    from PIL import Image, ImageOps

    with naming(plain_file(path, "a picture"), "a picture"), Image.open(path) as picture:
        return _rgb(path, ImageOps.exif_transpose(picture))


def _rgb(path: Path, picture) -> np.ndarray:
    """A picture of Pillow as uint8 (H, W, 3): gray, palettes and 16 bits are brought there; floats are in [0, 1]."""
    if picture.mode.startswith(("F", "I")):
        values = np.asarray(picture).astype(np.float64) / (1 if picture.mode == "F" else 2**16 - 1)
        if not np.isfinite(values).all():
            raise InputError(f"{path}: got pixels that are not numbers (NaN or infinite), expected them in [0, 1]")
        if values.min() < 0 or values.max() > 1:
            raise InputError(f"{path}: got pixels from {values.min():.3g} to {values.max():.3g}, expected [0, 1]")
        return np.repeat((values * 255).round().astype(np.uint8)[..., None], 3, axis=2)
    if not picture.has_transparency_data:
        return np.asarray(picture.convert("RGB"))
    pixels = np.asarray(picture.convert("RGBA")).astype(np.uint16)
    return ((pixels[..., :3] * pixels[..., 3:] + 127) // 255).astype(np.uint8)

"""Tensors to files that a browser plays: H.264 by PyAV, pictures by Pillow.

Films say which colours they are in: sRGB by the matrix of BT.601 in limited range. A browser that is left to guess
takes another matrix for films of 720 rows and more, which turns pure green 39 levels darker. The matrix of BT.709 would
be up to 12 levels off in Chromium, which rounds it to a few bits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from PIL import Image

from neuroclips.errors import InputError
from neuroclips.files import whole_file
from neuroclips.reading import naming, plain_file

if TYPE_CHECKING:
    from torch import Tensor

BT709, SRGB, BT601, LIMITED = 1, 13, 6, 1  # in H.264: primaries, transfer, matrix, range
LARGEST = 16384  # [pixels], of what libx264 takes
SLOWEST, FASTEST = 0.001, 1000.0  # [Hz]
ROUNDING = 0.01  # how far a pixel may be beyond [0, 1]
# Of libx264. Players land on any frame of either: the second has them decode the sixteen before it.
QUICK = {"crf": "20", "preset": "veryfast", "g": "1"}  # every frame is a key frame
SMALL = {"crf": "20", "preset": "veryslow", "g": "250"}  # as near to the frames in half of the bytes, ten times slower


def to_uint8(pixels: Tensor, name: object = "pixels") -> np.ndarray:
    """Pixels (..., 3, H, W) in [0, 1] to uint8 (..., H, W, 3).

    Raises InputError, which begins with `name`, for another number of channels, for integers and for values that are
    not finite or far from [0, 1].
    """
    if not pixels.is_floating_point() or pixels.ndim < 3 or pixels.shape[-3] != 3 or not pixels.numel():
        got = f"{tuple(pixels.shape)} of {str(pixels.dtype).removeprefix('torch.')}"
        raise InputError(f"{name}: got pixels of shape {got}, expected (..., 3, height, width) of floats in [0, 1]")
    low, high = (float(x) for x in pixels.detach().aminmax())  # NaN where there is one
    if not (math.isfinite(low) and math.isfinite(high)):
        raise InputError(
            f"{name}: got pixels that are not numbers (NaN or infinite), expected them in [0, 1]: "
            "look at the weights and the sample that gave them"
        )
    if low < -ROUNDING or high > 1 + ROUNDING:
        raise InputError(f"{name}: got pixels from {low:.3g} to {high:.3g}, expected them in [0, 1]: scale them")
    return (pixels.detach().cpu().float().clamp(0, 1) * 255).round().byte().movedim(-3, -1).numpy()


def write_video(path: Path, video: Tensor, fps: float, encoding: Mapping[str, str] = QUICK) -> Path:
    """Write (n, 3, H, W) in [0, 1] as H.264.

    fps : [Hz]; of a broken one the nearest fraction. An odd height or width grows by one, the repeated last row or
    column: browsers play even sizes alone. Raises InputError for what is no film.
    """
    if video.ndim != 4 or max(video.shape[-2:]) > LARGEST:
        raise InputError(
            f"{path}: got a film of shape {tuple(video.shape)}, expected (n_frames, 3, height, width) of at most "
            f"{LARGEST:,} pixels a side"
        )
    return write_frames(path, to_uint8(video, path), fps, encoding)


def write_frames(path: Path, frames: np.ndarray, fps: float, encoding: Mapping[str, str] = QUICK) -> Path:
    """Write uint8 (n, H, W, 3) as `write_video` does."""
    rate, frames = _rate(path, fps), _even(frames)
    with whole_file(path) as partial, av.open(str(partial), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=rate, options=dict(encoding))
        stream.height, stream.width, stream.pix_fmt = *frames.shape[1:3], "yuv420p"
        context = stream.codec_context
        context.thread_count = 1  # the same bytes on every machine
        context.color_primaries, context.color_trc = BT709, SRGB
        context.colorspace, context.color_range = BT601, LIMITED
        for frame in frames:
            container.mux(stream.encode(_as_yuv(frame)))
        container.mux(stream.encode())
    return path


def _even(frames: np.ndarray) -> np.ndarray:
    """Frames (n, H, W, 3) with the last row or column repeated where their number is odd."""
    height, width = frames.shape[1:3]
    return np.pad(frames, ((0, 0), (0, height % 2), (0, width % 2), (0, 0)), "edge")


def _rate(path: Path, fps: float) -> Fraction:
    if not isinstance(fps, Real) or not SLOWEST <= fps <= FASTEST:
        raise InputError(f"{path}: got {fps!r} frames a second, expected {SLOWEST} to {FASTEST:,.0f}")
    return Fraction(float(fps)).limit_denominator(1001)


def _as_yuv(frame: np.ndarray) -> av.VideoFrame:
    """uint8 (H, W, 3) as the planes that libx264 takes."""
    rgb = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
    return rgb.reformat(format="yuv420p", dst_colorspace="ITU601", dst_color_range="MPEG")


def read_video(path: Path) -> Tensor:
    """Read a video file as (n, 3, H, W) in [0, 1], by the matrix that it names, else by that of BT.601.

    Raises InputError for a file that is damaged or no video, MissingError where there is none.
    """
    import torch  # heavy: what writes films and pictures does without it

    expected = "a video"
    with naming(plain_file(path, expected), expected), av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        return torch.from_numpy(np.stack(frames)).movedim(-1, 1).float() / 255


def write_image(path: Path, picture: Tensor, **encoding: Any) -> Path:
    """Write (3, H, W) in [0, 1]; the suffix chooses the format. Raises InputError for what is no picture.

    encoding : what Pillow's writer of the format takes.
    """
    known = Image.registered_extensions()
    if path.suffix.lower() not in known or known[path.suffix.lower()] not in Image.SAVE:
        raise InputError(f"got {path}, expected a name that ends in .png, .webp or .jpg")
    if picture.ndim != 3:
        raise InputError(f"{path}: got a picture of shape {tuple(picture.shape)}, expected (3, height, width)")
    with whole_file(path) as partial:
        Image.fromarray(to_uint8(picture, path)).save(partial, **encoding)
    return path


def read_image(path: Path) -> Tensor:
    """Read a picture as (3, H, W) in [0, 1]. Raises InputError for a file that is damaged, MissingError for none."""
    import torch  # heavy: what writes films and pictures does without it

    expected = "a picture"
    with naming(plain_file(path, expected), expected), Image.open(path) as picture:
        pixels = np.array(picture.convert("RGB"))  # (H, W, 3)
    return torch.from_numpy(pixels).movedim(-1, 0).float() / 255

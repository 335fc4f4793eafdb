"""Tensors to files that a browser plays: H.264 by PyAV, pictures by Pillow."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import torch
from PIL import Image
from torch import Tensor


def to_uint8(pixels: Tensor) -> np.ndarray:
    """Pixels (..., 3, H, W) in [0, 1] to uint8 (..., H, W, 3)."""
    return (pixels.clamp(0, 1) * 255).round().byte().movedim(-3, -1).numpy()


def write_video(path: Path, video: Tensor, fps: int) -> Path:
    """Write (n, 3, H, W) in [0, 1] as H.264; every frame is a key frame, so that a player can land on any of them."""
    frames = to_uint8(video)
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=fps, options={"crf": "20", "preset": "veryfast", "g": "1"})
        stream.height, stream.width, stream.pix_fmt = *frames.shape[1:3], "yuv420p"
        stream.codec_context.thread_count = 1  # the same bytes on every machine
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        container.mux(stream.encode())
    return path


def read_video(path: Path) -> Tensor:
    """Read a video file as (n, 3, H, W) in [0, 1]."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return torch.from_numpy(np.stack(frames)).movedim(-1, 1).float() / 255


def write_image(path: Path, picture: Tensor) -> Path:
    """Write (3, H, W) in [0, 1]; the suffix chooses the format."""
    Image.fromarray(to_uint8(picture)).save(path)
    return path

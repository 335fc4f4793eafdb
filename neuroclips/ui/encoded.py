"""Films and pictures as bytes that a browser shows; nothing of them is kept on disk."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from neuroclips.export import PERCEPTION_FPS
from neuroclips.media import write_image, write_video
from neuroclips.types import Step

KINDS = {".mp4": "video/mp4", ".png": "image/png", ".webp": "image/webp", ".json": "application/json"}
KINDS |= {".zip": "application/zip"}
WEBP = {"quality": 90}


def of_step(step: Step, name: str, result: Any, fps: float) -> bytes:
    """What a step gave, a film (n, 3, H, W) or picture (3, H, W), as a file of this name; fps : of the final film."""
    if step == Step.KEYFRAME:
        return written(name, lambda path: write_image(path, result, **(WEBP if path.suffix == ".webp" else {})))
    rate = PERCEPTION_FPS if step == Step.BLURRY_VIDEO else fps
    return written(name, lambda path: write_video(path, result, rate))


def written(name: str, write: Callable[[Path], object]) -> bytes:
    """What `write` puts into a file of this name."""
    with tempfile.TemporaryDirectory(prefix="neuroclips-") as folder:
        path = Path(folder, name)
        write(path)
        return path.read_bytes()


def data_url(suffix: str, body: bytes) -> str:
    """An address that holds the bytes themselves."""
    return f"data:{KINDS[suffix]};base64,{base64.b64encode(body).decode()}"

"""OpenCV, which pixel and flow metrics are computed by, loaded when the first of them is."""

from __future__ import annotations

from functools import cache
from types import ModuleType

from neuroclips.errors import MissingError


@cache
def opencv() -> ModuleType:
    """The module cv2. Raises MissingError that says what to install where it cannot be loaded."""
    try:
        import cv2
    except ImportError as error:  # a slim container lacks a library of the system
        raise MissingError(
            f"got no OpenCV ({error}), expected cv2, which SSIM and optical flow need: pip install opencv-python, and "
            "where libGL.so.1 is what is missing, apt-get install libgl1"
        ) from error
    return cv2

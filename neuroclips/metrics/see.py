"""The one place where films are looked at: moments picked, frames sized, judges asked, flow and energy computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from neuroclips.errors import InputError
from neuroclips.metrics.features import Features
from neuroclips.metrics.frames import scored_frames
from neuroclips.metrics.judges import Judges
from neuroclips.metrics.motion import energy_of, flow_of
from neuroclips.metrics.protocols import Protocol
from neuroclips.metrics.registry import METRICS
from neuroclips.metrics.threads import in_threads

Film = Tensor | np.ndarray  # (n_frames, 3, H, W), floats in [0, 1] or uint8, evenly spaced over 2 s
JUDGED = {"frame_logits": "frame", "video_logits": "video", "embeddings": "clip"}


def see(
    videos: Sequence[Film],
    protocol: Protocol,
    judges: Judges | None = None,
    size: tuple[int, int] | None = None,
    *,
    true: bool = False,
    together: int = 8,
) -> Features:
    """What the metrics of a protocol read of n films, each of any number of frames and of any size.

    Parameters
    ----------
    judges : without them, what they would say is None.
    size : (H, W) of the true films, to which frames are brought where the protocol has no size of its own; None: the
        films have it.
    true : whether these are the true films, which no protocol picks other moments of.
    together : films that a judge is shown at once.

    Bytes stay bytes, as they are in files: frames that are resized are rounded. Floats are not.
    Raises InputError for films that are no films, or that end up in different sizes.
    """
    frames = _frames(videos, protocol, size, true)
    wanted = {METRICS[name].needs for name in protocol.metrics}
    found: dict[str, np.ndarray] = {}
    if judges is not None and wanted & JUDGED.keys():
        found |= _judged(frames, judges, [name for name in JUDGED if name in wanted], together)
    if "flow" in wanted:
        found["flow"] = _of_films(lambda film: flow_of(film, protocol.flow, protocol.flow_pixels), frames)
    if "energy" in wanted:
        found["energy"] = _of_films(energy_of, frames)
    return Features(frames, **found)


def moments_of(n_frames: int, protocol: Protocol, true: bool = False) -> list[int]:
    """Indices of the frames that a protocol looks at, of a film of `n_frames`, in the order of its moments."""
    shifted = protocol.film_frames if n_frames == 16 and not true else None
    picked = shifted or scored_frames(n_frames)
    return [picked[moment] for moment in protocol.moments]


def _frames(videos: Sequence[Film], protocol: Protocol, size: tuple[int, int] | None, true: bool) -> np.ndarray:
    """The scored frames (n, n_moments, 3, H, W) of all films; a lazy sequence of films is opened one by one."""
    if not len(videos):
        raise InputError("got no films, expected one or more")
    first = _seen(videos[0], protocol, size, true)
    frames = np.empty((len(videos), *first.shape), first.dtype)
    frames[0] = first
    for row in range(1, len(videos)):
        seen = _seen(videos[row], protocol, size, true)
        if (seen.shape, seen.dtype) != (first.shape, first.dtype):
            raise InputError(
                f"got films of {first.dtype} {first.shape} and of {seen.dtype} {seen.shape}, expected one kind and "
                "size: give the size of the truth"
            )
        frames[row] = seen
    return frames


def _seen(video: Film, protocol: Protocol, size: tuple[int, int] | None, true: bool) -> np.ndarray:
    """The frames (n_moments, 3, H, W) of one film that are scored, at the size at which they are."""
    if video.ndim != 4 or video.shape[1] != 3 or not len(video):
        raise InputError(f"got a film of shape {tuple(video.shape)}, expected (n_frames, 3, height, width)")
    picked = torch.as_tensor(video[moments_of(len(video), protocol, true)])
    edges = (protocol.pixels, protocol.pixels) if protocol.pixels else size
    return _sized(picked, edges).cpu().numpy()


def _sized(frames: Tensor, size: tuple[int, int] | None) -> Tensor:
    """Frames (n, 3, H, W) at (height, width), untouched where they have it; bytes stay bytes, the rest is float32."""
    if frames.dtype != torch.uint8:
        frames = frames.float()
    if size is None or frames.shape[-2:] == tuple(size):
        return frames
    resized = F.interpolate(frames.float(), tuple(size), mode="bilinear", antialias=True, align_corners=False)
    return resized.round().to(torch.uint8) if frames.dtype == torch.uint8 else resized


@torch.no_grad()
def _judged(frames: np.ndarray, judges: Judges, names: Sequence[str], together: int) -> dict[str, np.ndarray]:
    """What judges say of films (n, n_frames, 3, H, W), a few at a time."""
    said: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for part in torch.from_numpy(frames).split(together):
        pixels = part.float() / 255 if part.dtype == torch.uint8 else part
        for name in names:
            said[name].append(_said(name, pixels, judges).float().cpu().numpy())
    return {name: np.concatenate(parts) for name, parts in said.items()}


def _said(name: str, pixels: Tensor, judges: Judges) -> Tensor:
    """Of films (B, n_frames, 3, H, W): logits (B, n_frames, n_classes), (B, n_actions), vectors (B, n_frames, D)."""
    if name == "video_logits":
        return judges.video(pixels)
    look = judges.frame if name == "frame_logits" else judges.clip.image_embeddings
    return look(pixels.flatten(0, 1)).unflatten(0, pixels.shape[:2])


def _of_films(task: Callable[[np.ndarray], np.ndarray], frames: np.ndarray) -> np.ndarray:
    """`task` of the bytes (n_frames, 3, H, W) of every film, in threads."""
    return in_threads(lambda part: np.stack([task(_bytes(film)) for film in frames[part]]), len(frames))


def _bytes(film: np.ndarray) -> np.ndarray:
    return film if film.dtype == np.uint8 else (film.clip(0, 1) * 255).round().astype(np.uint8)

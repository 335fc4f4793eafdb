"""What every metric of the registry computes: scores (n,) of n films against their truths, row by row.

Every function is a `Compute`: of the features of films and of true ones, which have the same number of rows, and of the
protocol under which both were seen. Nothing here looks at a film again.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from neuroclips.errors import InputError
from neuroclips.metrics import ways
from neuroclips.metrics.features import Features
from neuroclips.metrics.protocols import Protocol
from neuroclips.metrics.structure import ssim_of_films
from neuroclips.metrics.threads import in_threads


def ssim(films: Features, truths: Features, protocol: Protocol) -> np.ndarray:
    """Structural similarity, the mean over frames."""
    return _by_film(lambda a, b: ssim_of_films(a, b, protocol.ssim), films.frames, truths.frames)


def psnr(films: Features, truths: Features, protocol: Protocol) -> np.ndarray:
    """Peak signal-to-noise ratio [dB], the mean over frames; infinite, or the protocol's most, where one is equal."""
    return decibels(_by_film(_squared_error, films.frames, truths.frames), protocol).mean(1)


def decibels(error: np.ndarray, protocol: Protocol) -> np.ndarray:
    """Peak signal-to-noise ratios [dB] of mean squared errors of pixels in [0, 1]."""
    with np.errstate(divide="ignore"):
        found = -10 * np.log10(error)
    return found if protocol.psnr_most is None else np.where(error < 1e-10 / 255**2, protocol.psnr_most, found)


def pixel_correlation(films: Features, truths: Features, protocol: Protocol) -> np.ndarray:
    """Pearson correlation of all values of a frame, the mean over frames; one of a single grey counts as 0."""
    return _by_film(_frame_correlations, films.frames, truths.frames).mean(1)


def frame_n_way(films: Features, truths: Features, protocol: Protocol, *, n: int) -> np.ndarray:
    """Exact N-way accuracy by the frame judge, the mean over frames."""
    logits, true = _both("frame_logits", films, truths)
    return ways.exact(logits, true, n, protocol.truths, protocol.top).mean(1)


def video_n_way(films: Features, truths: Features, protocol: Protocol, *, n: int) -> np.ndarray:
    """Exact N-way accuracy by the video judge."""
    return ways.exact(*_both("video_logits", films, truths), n, protocol.truths, protocol.top)


def clip_likeness(films: Features, truths: Features, protocol: Protocol) -> np.ndarray:
    """Cosine of the CLIP embeddings of film and truth, each the mean over its frames."""
    one, other = (unit(embeddings.mean(1)) for embeddings in _both("embeddings", films, truths))
    return (one * other).sum(-1)


def clip_pcc(films: Features, truths: Features, protocol: Protocol) -> np.ndarray:
    """Mean cosine of CLIP embeddings of a film's own frames, neighbours or all pairs; 0 at or below the gate."""
    if films.embeddings is None:
        raise _missing("embeddings")
    own = films.embeddings
    if own.shape[1] < 2:
        raise InputError(f"got films of {own.shape[1]} scored frame, expected two or more: CLIP-pcc compares them")
    if protocol.pairs == "adjacent":
        found = (own[:, :-1] * own[:, 1:]).sum(-1).mean(1)
    else:
        one, other = np.triu_indices(own.shape[1], 1)
        found = (own[:, one] * own[:, other]).sum(-1).mean(1)
    if protocol.gate is None:
        return found
    return np.where(clip_likeness(films, truths, protocol) > protocol.gate, found, 0)


def clip_two_way(films: Features, truths: Features, protocol: Protocol) -> np.ndarray:
    """Share of the other truths whose embedding correlates less with the film's than its own truth's does.

    Of the middle scored frame; NaN for a film alone, which has no others.
    """
    return two_way(films, truths, np.arange(len(films)))


def two_way(films: Features, truths: Features, own: np.ndarray) -> np.ndarray:
    """clip_two_way (n,) of films among any number of truths, of which the rows `own` (n,) are theirs."""
    return beaten(middle_correlations(films, truths), own)


def middle_correlations(films: Features, truths: Features) -> np.ndarray:
    """Correlations (n_films, n_truths) of the CLIP embeddings of the middle scored frame."""
    middle = films.frames.shape[1] // 2
    one, other = (standard(embeddings[:, middle]) for embeddings in _both("embeddings", films, truths))
    return one @ other.T


def beaten(likeness: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Share (n,) of the other truths that are less like a film than the one in column `own` (n,).

    likeness : (n, n_truths).
    """
    n_films, n_truths = likeness.shape
    less = (likeness < likeness[np.arange(n_films), own][:, None]).sum(1)
    return less / (n_truths - 1) if n_truths > 1 else np.full(n_films, np.nan)


def end_point_error(films: Features, truths: Features, protocol: Protocol) -> np.ndarray:
    """Mean distance of the flow vectors of film and truth [pixels per step of 1/3 s, at the protocol's flow size]."""
    one, other = _both("flow", films, truths)
    return _by_film(lambda a, b: np.hypot(*np.moveaxis(a - b, 2, 0)).mean((1, 2, 3)), one, other)


def motion_energy(films: Features, truths: Features, protocol: Protocol) -> np.ndarray:
    """Pearson correlation of the opponent motion energy of film and truth over filters; 0 where one does not move."""
    one, other = (standard(energy) for energy in _both("energy", films, truths))
    return (one * other).sum(-1)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors (..., D) at length 1; a zero one stays."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def standard(vectors: np.ndarray) -> np.ndarray:
    """Vectors (..., D) less their mean at length 1: products are Pearson correlations, 0 with a constant one."""
    centred = vectors - vectors.mean(-1, keepdims=True, dtype=np.float64)  # so that a constant is nothing but zeros
    length = np.linalg.norm(centred, axis=-1, keepdims=True)
    return np.where(length > 1e-6, centred / np.maximum(length, 1e-12), 0)


def floats(frames: np.ndarray) -> np.ndarray:
    """Frames as float32 in [0, 1]."""
    return frames.astype(np.float32) / 255 if frames.dtype == np.uint8 else frames.astype(np.float32, copy=False)


def _squared_error(films: np.ndarray, truths: np.ndarray) -> np.ndarray:
    """Mean squared error (n, n_frames) of pixels in [0, 1]; of bytes as whole numbers, so that equal is equal."""
    if films.dtype == truths.dtype == np.uint8:
        difference = films.astype(np.int16) - truths
        return np.square(difference, dtype=np.int32).mean((2, 3, 4), dtype=np.float64) / 255**2
    difference = floats(films).astype(np.float64) - floats(truths)
    return np.square(difference).mean((2, 3, 4))


def _frame_correlations(films: np.ndarray, truths: np.ndarray) -> np.ndarray:
    """(n, n_frames) of pixels."""
    one, other = (standard(floats(frames).reshape(*frames.shape[:2], -1)) for frames in (films, truths))
    return (one * other).sum(-1)


def _by_film(score: Callable, films: np.ndarray, truths: np.ndarray) -> np.ndarray:
    """`score` of a few rows of both at a time. Raises InputError where their shapes differ."""
    if films.shape != truths.shape:
        raise InputError(
            f"got films {films.shape} and truths {truths.shape}, expected the same shape: see both under one protocol, "
            "with the size of the truth"
        )
    return in_threads(lambda part: score(films[part], truths[part]), len(films))


def _both(name: str, films: Features, truths: Features) -> tuple[np.ndarray, np.ndarray]:
    one, other = getattr(films, name), getattr(truths, name)
    if one is None or other is None:
        raise _missing(name)
    return one, other


def _missing(name: str) -> InputError:
    return InputError(f"got films without {name.replace('_', ' ')}, expected them: see films with judges")

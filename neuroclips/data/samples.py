"""From arrays and runs to samples: what is no number, not finite or not z-scored is told, never turned into zeros."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from neuroclips.errors import InputError
from neuroclips.notes import note
from neuroclips.preprocessing import clean
from neuroclips.reading import refuse_beyond_memory

ENOUGH = 8  # volumes below which detrending makes no sense
FAR, WIDE, NARROW = 1.0, 5.0, 0.02  # mean and standard deviations that z-scores, averaged or not, do not have
COPIES = 5  # in double precision that detrending and z-scoring hold at once
CHUNK = 2**24  # values that are looked at together


def refuse_other_types(where: Path | str, array: np.ndarray) -> None:
    """Raises InputError unless `array` is of real numbers: no complex ones, strings or truth values."""
    if array.dtype.kind not in "iuf":
        raise InputError(f"{where}: got values of type {array.dtype}, expected real numbers (float32)")


def refuse_not_finite(where: Path | str, array: np.ndarray) -> None:
    """Raises InputError with how many values (n, ...) are NaN, infinite or too large for float32; in small parts."""
    rows = max(1, CHUNK * len(array) // max(1, array.size))
    bad = sum(int((~np.isfinite(_float32(array[i : i + rows]))).sum()) for i in range(0, len(array), rows))
    if bad:
        raise InputError(
            f"{where}: got {bad:,} of {array.size:,} values that are NaN, infinite or beyond float32, expected none: "
            "repair them, or leave these voxels out"
        )


def _float32(array: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):  # becomes inf, which is told
        return np.asarray(array, np.float32)


def as_samples(where: Path | str, array: np.ndarray) -> np.ndarray:
    """(n_voxels,), (n_samples, n_voxels) or (n_samples, n_repeats, n_voxels) as (n_samples, n_voxels) float32.

    Repeats that are NaN in every voxel are missing ones: the mean is over the others. Raises InputError for other
    shapes and types and for values that are not finite; warns of samples that are far from z-scores.
    """
    refuse_other_types(where, array)
    if array.ndim not in (1, 2, 3) or not array.size:
        raise InputError(f"{where}: got an array of shape {array.shape}, expected (n_samples, n_voxels)")
    refuse_beyond_memory(Path(where), 8 * array.size)
    samples = _over_repeats(array) if array.ndim == 3 else _float32(np.atleast_2d(array))
    refuse_not_finite(where, samples)
    _warn_unscaled(where, samples)
    return samples


def _over_repeats(array: np.ndarray) -> np.ndarray:
    return np.stack([_mean(_float32(repeats)) for repeats in array])


def _mean(repeats: np.ndarray) -> np.ndarray:
    there = ~np.isnan(repeats).all(1)
    return repeats[there].mean(0) if there.any() else repeats[0]


def _warn_unscaled(where: Path | str, samples: np.ndarray) -> None:
    mean, spread = float(samples.mean(dtype=np.float64)), float(samples.std(dtype=np.float64))
    if abs(mean) > FAR or not NARROW < spread < WIDE:
        note(
            f"{where}: got samples of mean {mean:,.4g} and standard deviation {spread:,.4g}, expected z-scores "
            "(about 0 and 1): z-score every voxel over its run first",
        )


def standardised(where: Path | str, volumes: np.ndarray) -> np.ndarray:
    """A run (n_volumes, n_voxels), detrended and z-scored, float32; voxels that never change become 0.

    Raises InputError for too few volumes, values that are not finite, and runs in which nothing changes.
    """
    if len(volumes) < ENOUGH:
        raise InputError(f"{where}: got {len(volumes)} volumes, expected a run of at least {ENOUGH} to z-score over")
    refuse_not_finite(where, volumes)
    refuse_beyond_memory(Path(where), COPIES * 8 * volumes.size)
    constant = clean.constant(volumes)
    if constant.all():
        raise InputError(f"{where}: got no voxel that changes over time, expected fMRI")
    if constant.any():
        note(
            f"{where}: got {constant.sum():,} constant voxels of {len(constant):,}, expected none; they count as 0",
        )
    return clean.standardised(volumes).astype(np.float32)

"""The time axis of a run: the step between volumes, and runs of another step brought to 2 s."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from neuroclips.errors import InputError
from neuroclips.preprocessing.layout import TR

SHORTEST, LONGEST = 0.1, 5.0  # [s] steps that can be resampled
SET_STEP = "if the header is wrong, set it with wb_command -cifti-change-mapping"


def is_tr(step: float) -> bool:
    """Whether a step [s] is the 2 s that everything after the preprocessing is made for."""
    return math.isclose(step, TR, rel_tol=1e-4)


def check_step(path: Path, step: float, resample: bool = False) -> None:
    """Raises InputError for runs whose volumes are not 2 s apart; with `resample`, for those that cannot be made so."""
    if is_tr(step):
        return
    if not resample:
        raise InputError(
            f"{path}: got {step:g} s between volumes, expected {TR:g} s: resample the run in time (preprocess does, "
            f"with --resample); {SET_STEP}"
        )
    if not SHORTEST <= step <= LONGEST:
        raise InputError(f"{path}: got {step:g} s between volumes, expected {SHORTEST:g} to {LONGEST:g} s: {SET_STEP}")


def n_resampled(n_volumes: int, step: float) -> int:
    """How many times 0, 2, 4 ... s lie in a run of so many volumes, which begin at 0 s."""
    return int((n_volumes - 1) * step / TR + 1e-6) + 1 if n_volumes > 0 else 0


def resampled(run: np.ndarray, step: float) -> np.ndarray:
    """A run (n_volumes, n_voxels) with `step` s between volumes, at 0, 2, 4 ... s after its first volume.

    Band-limited interpolation by a polyphase filter, which takes out what would alias where the step becomes longer.
    """
    if is_tr(step):
        return run
    ratio, level = Fraction(step / TR).limit_denominator(1000), run.mean(0, dtype=np.float64).astype(run.dtype)
    found = resample_poly(run - level, ratio.numerator, ratio.denominator, axis=0, padtype="line")
    found = found[: n_resampled(len(run), step)]  # without what comes after the last volume
    return (found + level).astype(run.dtype)  # a level of 10,000 would show the ripple of the filter

"""The paper's preprocessing (section 4.1) on arrays: delay, detrend, z-score, and the choice of voxels."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from neuroclips.errors import InputError
from neuroclips.preprocessing.layout import N_SAMPLES, TR, TRAIL
from neuroclips.ranges import Checked, Range

FEW = 100  # voxels, below which a selection is told to be small
ROUNDING = 1e-6  # of a value: float32 rounds to 6e-8; measured voxels vary by a hundredth


@dataclass(frozen=True)
class PreprocessConfig(Checked):
    """Numbers of the preprocessing; the defaults are the paper's."""

    alpha: Annotated[float, Range(above=0, most=1)] = 0.05  # after Bonferroni; 1 keeps every vertex
    one_sided: bool = False
    delay: float = 4.0  # [s] hemodynamic
    exclude_validation: bool = False  # from the films that voxels are chosen by; the paper's test sees them all

    def record(self) -> dict:
        """All of it for meta.json, as before there was a choice where it is the paper's."""
        return {name: value for name, value in vars(self).items() if name != "exclude_validation" or value}

    @property
    def delay_volumes(self) -> int:
        """Raises InputError for a delay that is no whole number of volumes or longer than what follows a film."""
        volumes = self.delay / TR
        if volumes != int(volumes) or not 0 <= volumes <= TRAIL:
            raise InputError(f"got a delay of {self.delay:g} s, expected 0, 2, 4, 6 or 8: whole volumes of {TR:g} s")
        return int(volumes)


def detrend(run: np.ndarray, order: int = 4) -> np.ndarray:
    """Remove polynomials up to `order` by least squares; run : (n_volumes, n_voxels)."""
    time = np.linspace(-1, 1, len(run))
    basis = np.linalg.qr(np.polynomial.legendre.legvander(time, order))[0].astype(run.dtype)
    return run - basis @ (basis.T @ run)


def zscore(run: np.ndarray, level: np.ndarray | None = None) -> np.ndarray:
    """Mean 0 and standard deviation 1 (N - 1) over the volumes; run : (n_volumes, n_voxels); 0 where it is constant.

    level : (n_voxels,) size of the values that `run` was computed from, where that is not its own.
    """
    centred = run - run.mean(0)
    std = centred.std(0, ddof=1)
    varies = std > ROUNDING * (np.abs(run).max(0) if level is None else level)
    return np.divide(centred, std, out=np.zeros_like(centred), where=varies)


def constant(run: np.ndarray) -> np.ndarray:
    """(n_voxels,) bool: which voxels of a run (n_volumes, n_voxels) hold one value, give or take its rounding."""
    return run.std(0, dtype=np.float64) <= ROUNDING * np.abs(run).max(0)


def standardised(run: np.ndarray) -> np.ndarray:
    """A run (n_volumes, n_voxels) without polynomials of order 0 to 4, z-scored, in double precision.

    Voxels that are constant become 0: what is left of them is rounding, which a z-score would blow up to noise.
    """
    run = run.astype(np.float64)
    return zscore(detrend(run - run.mean(0)), level=np.abs(run).max(0))


def shift(run: np.ndarray, n_samples: int, delay_volumes: int) -> np.ndarray:
    """Sample k becomes volume k + delay: the hemodynamic delay of 4 s is 2 volumes of 2 s."""
    if len(run) < n_samples + delay_volumes:
        raise InputError(f"got {len(run)} volumes, expected at least {n_samples} + {delay_volumes} for the delay")
    return run[delay_volumes : delay_volumes + n_samples]


def clean(run: np.ndarray, delay_volumes: int) -> np.ndarray:
    """One run from the film's first volume on, (at least 240 + delay, n_voxels), to z-scored samples (240, n_voxels).

    Constant voxels become 0. Computed in double precision, in the order of the released scripts.
    """
    return standardised(shift(run, N_SAMPLES, delay_volumes)).astype(np.float32)


def repeat_correlation(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Pearson correlation of two z-scored runs (n_samples, n_voxels), per voxel."""
    return (first * second).sum(0) / (len(first) - 1)


@dataclass(frozen=True)
class Selection:
    """The test of every voxel; arrays are (n_voxels,); t and p are NaN where there were too few films to test."""

    z: np.ndarray  # mean over films of Fisher's z of the correlation between repeats, NaN without films
    t: np.ndarray
    p: np.ndarray
    kept: np.ndarray  # indices of the voxels kept


def select_voxels(correlations: np.ndarray, alpha: float = 0.05, one_sided: bool = False) -> Selection:
    """Voxels whose repeats agree: Fisher z, one-sample t-test over films, Bonferroni (section 4.1).

    correlations : (n_films, n_voxels). The test is two-sided as scipy's default, but what is kept must correlate
    positively. alpha = 1 keeps every voxel and needs no film. Raises InputError when nothing is left.
    """
    from scipy import stats  # half a second, for this test alone

    n_films, n_voxels = correlations.shape
    fisher = np.arctanh(np.clip(correlations, -0.999999, 0.999999))
    if n_films > 1:
        t, p = stats.ttest_1samp(fisher, 0.0, axis=0, alternative="greater" if one_sided else "two-sided")
        t, p = np.nan_to_num(t), np.nan_to_num(p, nan=1.0)  # constant voxels
    else:
        t, p = np.full(n_voxels, np.nan), np.full(n_voxels, np.nan)
    z = fisher.mean(0) if n_films else np.full(n_voxels, np.nan)
    kept = np.arange(n_voxels) if alpha >= 1 else np.flatnonzero((p < alpha / n_voxels) & (z > 0))
    if not len(kept):
        raise InputError(
            f"got no voxel with P < {alpha:g} / {n_voxels} over {n_films} training films, expected thousands over 18: "
            "take more films, or keep every voxel with --alpha 1"
        )
    if len(kept) < FEW <= n_voxels:
        warnings.warn(
            f"got {len(kept)} of {n_voxels:,} voxels with P < {alpha:g} / {n_voxels} over {n_films} training films, "
            "expected thousands over 18: take more films, or keep every voxel with --alpha 1",
            stacklevel=2,
        )
    return Selection(z.astype(np.float32), np.asarray(t, np.float32), np.asarray(p, np.float64), kept)

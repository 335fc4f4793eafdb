"""How values of a map become 0 to 1, by name. Every picture says which scale it has.

"min-max" is the paper's (appendix A): the least value is 0 and the largest 1, so that one outlier can make a map dark.
"robust" goes from the 1st to the 99th percentile; what lies outside is clipped.
"""

from __future__ import annotations

import numpy as np

from neuroclips.errors import InputError

SCALES = {"min-max": (0.0, 100.0), "robust": (1.0, 99.0)}  # name -> percentiles that become 0 and 1
TOLD = {
    "min-max": "scaled from the least value to the largest",
    "robust": "scaled from the 1st to the 99th percentile",
}
BAR = (0.25, 0.75)  # the paper's colour bar (appendix A), of scaled weights


def scaled(values: np.ndarray, scale: str, signed: bool = False) -> tuple[np.ndarray, tuple[float, float]]:
    """Values (n,) as (n,) in [0, 1], NaN where they are, and what 0 and 1 stand for.

    signed : 0.5 stands for zero, and the ends are equally far from it. Raises InputError for an unknown scale.
    """
    if scale not in SCALES:
        raise InputError(f"got scale {scale!r}, expected one of: {', '.join(SCALES)}")
    low, high = _ends(np.asarray(values, float), SCALES[scale], signed)
    return np.clip((values - low) / (high - low or 1.0), 0, 1), (low, high)


def _ends(values: np.ndarray, percentiles: tuple[float, float], signed: bool) -> tuple[float, float]:
    there = values[np.isfinite(values)]
    if not there.size:
        return 0.0, 1.0
    if signed:
        end = float(np.percentile(np.abs(there), percentiles[1]))
        return -end, end
    low, high = np.percentile(there, percentiles)
    return float(low), float(high)


def difference_of_means(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """One map (n,) less another, each in units of its own mean."""
    return one / one.mean() - other / other.mean()

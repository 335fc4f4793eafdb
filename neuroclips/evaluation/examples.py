"""Which clips a report shows: the best, the median and the worst by score, and some that chance chose."""

from __future__ import annotations

import numpy as np

from neuroclips.evaluation.numbers import Table
from neuroclips.metrics.registry import METRICS

EACH = 4  # clips


def examples(table: Table, seed: int) -> dict[str, list[int]]:
    """Clips of each kind, best first. Nothing else depends on what is chosen here."""
    ranked = _ranked(table)
    middle = max(len(ranked) - EACH, 0) // 2
    drawn = np.random.default_rng([seed, 51]).permutation(sorted(ranked))[:EACH]
    return {
        "best": ranked[:EACH],
        "median": ranked[middle : middle + EACH],
        "worst": ranked[-EACH:],
        "random": drawn.tolist(),
    }


def _ranked(table: Table) -> list[int]:
    """Clips from best to worst: by frame 2-way to a hundredth, then by SSIM above that of a flat frame.

    SSIM alone would favour empty skies, of which a flat frame is as good a picture. A protocol without these goes by
    its first metric.
    """
    full, flat = table["full"], table["flat"]
    if "frame_2_way" in full.rows and "ssim" in full.rows:
        above = full.rows["ssim"] - flat.on("ssim", full.clips)
        keys = zip(-full.rows["frame_2_way"].round(2), -above, full.clips, strict=True)
    else:
        name, rows = next(iter(full.rows.items()))
        worse = -rows if METRICS[name].about.higher_is_better else rows
        keys = zip(worse, worse, full.clips, strict=True)
    return [clip for *_, clip in sorted(keys)]

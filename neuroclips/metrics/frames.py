"""Which frames are scored: six moments of a clip, 3 per second (paper, section 5), whatever its own rate is."""

from __future__ import annotations

N_SCORED = 6  # moments of a clip of 2 s


def scored_frames(n_frames: int) -> list[int]:
    """Indices (6,) of the frames that are nearest in time to the six scored moments, of `n_frames` evenly spaced ones.

    Frame k of n stands for its start, k * 2 / n [s], and moment i is i / 3 [s]. Of two frames that are equally near it
    is the earlier one; a clip of fewer frames has some of them scored more than once.
    """
    nearest = (-((N_SCORED - 2 * i * n_frames) // (2 * N_SCORED)) for i in range(N_SCORED))  # ceil(i n / 6 - 1 / 2)
    return [min(k, n_frames - 1) for k in nearest]

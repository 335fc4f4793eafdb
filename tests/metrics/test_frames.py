"""The frames that are scored: the nearest in time to 0, 1/3, 2/3 ... 5/3 s, at any rate."""

from fractions import Fraction

import pytest

from neuroclips.metrics.frames import scored_frames


@pytest.mark.parametrize(
    ("n_frames", "expected"),
    [
        (6, [0, 1, 2, 3, 4, 5]),  # the true frames of cc2017 are all scored, each once
        (16, [0, 3, 5, 8, 11, 13]),  # 8 fps: 0, 0.375, 0.625, 1, 1.375, 1.625 s
        (12, [0, 2, 4, 6, 8, 10]),
        (9, [0, 1, 3, 4, 6, 7]),  # 1.5, 4.5 and 7.5 lie between two frames: the earlier one
        (60, [0, 10, 20, 30, 40, 50]),  # 30 fps, as films are
        (3, [0, 0, 1, 1, 2, 2]),
        (1, [0] * 6),
    ],
)
def test_scored_frames_are_known(n_frames, expected):
    assert scored_frames(n_frames) == expected


@pytest.mark.parametrize("n_frames", range(1, 50))
def test_no_other_frame_is_nearer_in_time(n_frames):
    for moment, chosen in enumerate(scored_frames(n_frames)):
        far = [abs(Fraction(2 * k, n_frames) - Fraction(moment, 3)) for k in range(n_frames)]  # [s]
        assert chosen == far.index(min(far))  # the earlier of two that are as near

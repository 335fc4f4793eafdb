"""Numbers of a report from rows that are known: what cannot be said is left out or None, and says why."""

import numpy as np
import pytest

from neuroclips.evaluation import numbers
from neuroclips.evaluation.numbers import Scored
from neuroclips.evaluation.permutation import null
from neuroclips.evaluation.rows import Shuffled

N = 240
CLIPS = tuple(range(N))
MINUTES = np.arange(N) // 30


def rows(mean, seed, metric="ssim"):
    return {metric: mean + 0.1 * np.random.default_rng(seed).standard_normal(N)}


@pytest.fixture
def table():
    means = {"full": 0.5, "git": 0.4, "flat": 0.2, "mean frame": 0.3, "oracle": 0.8}
    return {name: Scored(CLIPS, rows(mean, seed)) for seed, (name, mean) in enumerate(means.items())}


def test_a_share_is_of_the_best_floor(table):
    found = numbers.shares(table, MINUTES, 0)["ssim"]
    assert found["floor"] == "mean frame" and found["value"] == pytest.approx(0.4, abs=0.05) and found["n"] == N
    low, high = found["ci"]
    assert low < found["value"] < high < low + 0.15


def test_where_there_is_no_scale_there_is_no_share(table):
    def share(**changed):
        return numbers.shares(table | changed, MINUTES, 0)["ssim"]

    nearly = table["mean frame"].rows["ssim"] + rows(0.005, 9)["ssim"]
    cases = {
        "0 is": (
            "includes 0",
            share(oracle=Scored(CLIPS, {"ssim": nearly})),
        ),
        "below": ("not above", share(oracle=Scored(CLIPS, rows(0.1, 9)))),
        "infinite": ("infinite", share(oracle=Scored(CLIPS, {"ssim": np.full(N, np.inf)}))),
        "no common clip": ("no clip", share(oracle=Scored((300,), {"ssim": np.ones(1)}))),
        "no score": ("no clip", share(full=Scored(CLIPS, {"ssim": np.full(N, np.nan)}))),
        "one minute": ("one block", numbers.shares(table, np.zeros(N, int), 0)["ssim"]),
    }
    for name, (why, found) in cases.items():
        assert found["value"] is None and found["ci"] == [None, None] and why in found["why"], name


def test_what_no_clip_has_a_score_of_is_left_out(table):
    table["git"] = Scored(CLIPS[:1], {"ssim": np.ones(1), "clip_two_way": np.full(1, np.nan)})
    table["full"].rows["clip_two_way"] = np.full(N, 0.7)
    found = numbers.conditions(table, MINUTES, 0)
    assert (
        found["git"]["metrics"]["ssim"]["ci"] == [None, None] and "one block" in found["git"]["metrics"]["ssim"]["why"]
    )
    assert set(found["git"]["metrics"]) == {"ssim"} and set(found["full"]["metrics"]) == {"ssim", "clip_two_way"}
    assert set(numbers.differences(table, MINUTES, 0)["git"]) == {"ssim"}
    pooled = numbers.over_subjects([table, table], MINUTES, 0)
    assert set(pooled["conditions"]["git"]["metrics"]) == set(pooled["differences"]["git"]) == {"ssim"}
    table["git"] = Scored((N + 5,), {"ssim": np.ones(1)})
    assert numbers.differences(table, np.arange(300) // 30, 0)["git"] == {}


def test_a_clip_of_thirty_can_be_extreme_and_one_of_few_is_not_told():
    rng = np.random.default_rng(0)
    for m, told in ((30, True), (10, False)):
        own = rng.standard_normal((m, m)) + 3 * np.eye(m)
        p = (own >= own.diagonal()[:, None]).mean(1)
        found = numbers.of_clips({"ssim": Shuffled(null([own]), p, p)})
        assert (min(found["ssim"]) == round(1 / m, 4)) if told else found == {}

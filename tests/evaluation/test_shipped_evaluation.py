"""The stored evaluation is of what ships: scores of some films made again, and means of the clips that it lists."""

import csv

import numpy as np
import pytest

from neuroclips.data.registry import load_dataset
from neuroclips.evaluation import stored
from neuroclips.evaluation.evaluate import eyes_of
from neuroclips.evaluation.films import Whose, shipped
from neuroclips.evaluation.rows import scores
from neuroclips.evaluation.seen import of_files, of_truth
from neuroclips.metrics.registry import METRICS

CLIPS = (0, 7, 121, 250)
ROUNDING = {"": 1e-3, "frame judge": 0.03, "video judge": 0.03, "CLIP": 5e-3}  # of judges, by batch and machine


@pytest.fixture(scope="module")
def report():
    return stored.read()


@pytest.fixture(scope="module")
def rows():
    with (stored.FOLDER / stored.CLIPS).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def of(rows, subject, condition, protocol):
    key = (subject, condition, protocol)
    return {int(row["clip"]): row for row in rows if (row["subject"], row["condition"], row["protocol"]) == key}


def test_it_is_of_the_models_and_settings_that_ship(report):
    now = stored.made_with(Whose(None), load_dataset(), (1, 2, 3))
    assert {name: report["made"][name] for name in (*stored.SAME, "reconstructors")} == {
        name: now[name] for name in (*stored.SAME, "reconstructors")
    }


def test_scores_of_shipped_films_come_again(rows, tmp_path):
    truths = of_truth(load_dataset(), CLIPS)
    found = scores(of_files(shipped(1, CLIPS).files), truths, eyes_of(Whose(tmp_path), "paper", truths))
    listed = of(rows, "1", "full", "paper")
    assert {"ssim", "psnr", "frame_2_way", "video_2_way"} <= set(found)
    for name, values in found.items():
        kept = [float(listed[clip][name]) for clip in CLIPS]
        room = ROUNDING[METRICS[name].about.judge] * max(1, np.abs(kept).max())
        np.testing.assert_allclose(values, kept, atol=room, err_msg=name)


@pytest.mark.parametrize("subject", "123")
def test_values_are_means_of_the_clips_that_are_listed(report, rows, subject):
    for protocol, part in report["subjects"][subject]["protocols"].items():
        for condition, row in part["conditions"].items():
            listed = of(rows, subject, condition, protocol)
            assert len(listed) == row["n"]
            for name, told in row["metrics"].items():
                values = [float(one[name]) for one in listed.values() if one[name] not in ("", "nan")]
                assert told["value"] == pytest.approx(np.mean(values), abs=2e-4 * max(1, abs(told["value"])))

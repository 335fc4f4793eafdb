"""What `evaluate` says of a subject is the mean of the stored records."""

import json
from dataclasses import asdict
from statistics import fmean

import pytest

from neuroclips import precomputed
from neuroclips.evaluation import shipped as evaluation
from neuroclips.metrics.scores import ABOUT


@pytest.fixture(scope="module")
def found():
    return evaluation.evaluate(1)


def test_scores_are_means_of_the_stored_records(found):
    stored = [summary["scores"] for summary in precomputed.load_all(1)]
    assert found.clips == len(stored) >= 24
    for kind, scores in asdict(found.scores).items():
        assert scores == pytest.approx({name: fmean(s[kind][name] for s in stored) for name in ABOUT})


def test_retrieval_stands_beside_its_control_and_its_chance(found):
    assert found.retrieval.of == 300 and found.retrieval.chance == pytest.approx(1 / 300)
    assert found.retrieval.top1 > 0.1 > 10 * found.retrieval.swapped


def test_it_is_json_and_one_line_for_each_score(found):
    assert json.loads(json.dumps(asdict(found)))["scores"]["video"]["psnr"] == found.scores.video.psnr
    lines = found.lines()
    assert len(lines) == len(ABOUT) + 2 and all(line.isascii() for line in lines)
    assert f"{found.scores.video.frame_2_way:.4f}" in lines[3] and "frame 2-way" in lines[3]

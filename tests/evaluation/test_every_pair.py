"""Whatever is shared between pairs, a pair scores what it scores alone, by every metric of every protocol."""

from dataclasses import replace

import numpy as np
import pytest

from neuroclips.evaluation.every_pair import Pairwise, without_pixels
from neuroclips.evaluation.permutation import null, score_pairs
from neuroclips.metrics.features import Features
from neuroclips.metrics.protocols import PROTOCOLS
from neuroclips.metrics.registry import METRICS
from neuroclips.metrics.score import score, served

N = 7


@pytest.fixture(scope="module")
def seen():
    """Films and truths as if judges had looked: one film equals its truth, and one of each is of one colour."""
    rng = np.random.default_rng(0)
    films, truths = rng.integers(0, 256, (2, N, 6, 3, 24, 20), dtype=np.uint8)
    films[2], films[3], truths[4] = truths[2], 90, 200

    def features(frames):
        unit = rng.standard_normal((N, 6, 8)).astype(np.float32)
        return Features(
            frames,
            frame_logits=rng.standard_normal((N, 6, 60)).astype(np.float32),
            video_logits=rng.standard_normal((N, 60)).astype(np.float32),
            embeddings=unit / np.linalg.norm(unit, axis=-1, keepdims=True),
            flow=rng.standard_normal((N, 5, 2, 4, 4)).astype(np.float32),
            energy=rng.standard_normal((N, 30)).astype(np.float32),
        )

    return features(films), features(truths)


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=list(PROTOCOLS))
def test_a_pair_scores_what_it_scores_alone(protocol, seen):
    films, truths = seen
    rows, columns = np.random.default_rng(1).integers(0, N, (2, 40))
    found = Pairwise(films, truths, protocol)(rows, columns)
    alone = score(films[rows], truths[columns], protocol)
    assert list(found) == served(films, protocol) and len(found) > 2
    for name in found.keys() - {"clip_two_way"}:
        assert found[name] == pytest.approx(alone[name], abs=2e-5), name


def test_equal_frames_are_equal(seen):
    films, truths = seen
    two = np.array([2])
    assert Pairwise(films, truths, PROTOCOLS["paper"])(two, two)["psnr"][0] == np.inf
    assert Pairwise(films, truths, PROTOCOLS["mind-animator"])(two, two)["psnr"][0] == 100


def test_two_way_is_among_all_truths(seen):
    films, truths = seen
    both = Pairwise(films, truths, PROTOCOLS["mindeye"])
    own = score(films, truths, PROTOCOLS["mindeye"])["clip_two_way"]
    assert both(np.array([4, 1]), np.array([4, 1]))["clip_two_way"] == pytest.approx(own[[4, 1]])
    order = np.random.default_rng(2).permutation(N)
    shuffles = score(films, truths[order], PROTOCOLS["mindeye"])["clip_two_way"]
    assert both(np.arange(N), order)["clip_two_way"] == pytest.approx(shuffles)


def test_frames_in_floats_score_as_bytes_do(seen):
    films, truths = (replace(without, frames=without.frames.astype(np.float32) / 255) for without in seen)
    rows = np.arange(N)
    found = Pairwise(films, truths, PROTOCOLS["paper"], ("ssim", "psnr"))(rows, rows[::-1])
    bytes_ = Pairwise(*seen, PROTOCOLS["paper"], ("ssim", "psnr"))(rows, rows[::-1])
    assert all(found[name] == pytest.approx(bytes_[name], abs=1e-4) for name in found)


def test_the_null_of_every_metric(seen):
    films, truths = seen
    scored = score_pairs(Pairwise(films, truths, PROTOCOLS["paper"]), np.zeros(N))
    found = {name: null(of, METRICS[name].about.higher_is_better, n=50) for name, of in scored.items()}
    assert list(found) == served(films, PROTOCOLS["paper"])
    assert found["clip_pcc"].p == 1 and METRICS["clip_pcc"].blind
    tiles = score_pairs(
        Pairwise(without_pixels(films), without_pixels(truths), PROTOCOLS["paper"], ("video_2_way",)), np.zeros(N), 3
    )
    assert null(tiles["video_2_way"], n=50) == found["video_2_way"]

"""Every metric is what it declares: its range, direction, chance, judge and blindness are walked through here."""

from dataclasses import replace

import numpy as np
import pytest

from neuroclips.metrics.features import Features
from neuroclips.metrics.likeness import unit
from neuroclips.metrics.motion import energy_of, flow_of
from neuroclips.metrics.protocols import PROTOCOLS, protocol_named
from neuroclips.metrics.registry import METRICS
from neuroclips.metrics.score import sampled, score, served
from neuroclips.metrics.scores import ABOUT

N, N_CLASSES = 24, 60
EVERY = tuple(METRICS)
PAPER = replace(PROTOCOLS["paper"], metrics=EVERY)
JUDGES = {"", "frame judge", "video judge", "CLIP"}


def films(rng, n=N, needs=("flow", "energy")):
    """Moving textures that know nothing of each other, and judges that know nothing of them; smooth, as films are."""
    frames = np.kron(rng.random((n, 1, 3, 8, 8)), np.ones((1, 1, 1, 4, 4)))  # (n, 1, 3, 32, 32)
    steps = rng.integers(-3, 4, (n, 2))
    moved = np.stack(
        [
            [np.roll(film[0], tuple(k * step), (1, 2)) for k in range(6)]
            for film, step in zip(frames, steps, strict=True)
        ]
    )
    return heard(
        (255 * moved).round().astype(np.uint8),
        rng.standard_normal((n, 6, N_CLASSES)),
        rng.standard_normal((n, N_CLASSES)),
        unit(rng.standard_normal((n, 1, 16)) + 0.2 * rng.standard_normal((n, 6, 16))),
        needs,
    )


def heard(frames, frame_logits, video_logits, embeddings, needs=("flow", "energy")):
    moves = {"flow": lambda film: flow_of(film, "dis", 64), "energy": energy_of}
    moving = {name: np.stack([look(film) for film in frames]) for name, look in moves.items() if name in needs}
    return Features(frames, frame_logits, video_logits, embeddings, **moving)


def noisier(seen, rng, amount):
    """The same films, seen and heard through noise."""

    def noise(values):
        return values + amount * rng.standard_normal(values.shape)

    frames = (seen.frames + 255 * amount * rng.standard_normal(seen.frames.shape)).clip(0, 255).astype(np.uint8)
    embeddings = unit(noise(seen.embeddings))
    noisy = heard(frames, noise(seen.frame_logits), noise(seen.video_logits), embeddings)
    return replace(noisy, flow=noise(seen.flow), energy=noise(seen.energy))


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="module")
def truths():
    return films(np.random.default_rng(1))


@pytest.fixture(scope="module")
def others():
    return films(np.random.default_rng(2))


@pytest.mark.parametrize("name", EVERY)
def test_it_says_what_it_is(name):
    metric, about = METRICS[name], METRICS[name].about
    assert about.meaning.endswith(".") and len(about.meaning) < 130 and about.label
    assert about.judge in JUDGES and metric.level in ("pixel", "semantic", "spatiotemporal")
    assert bool(about.judge) == (metric.needs in ("frame_logits", "video_logits", "embeddings"))
    assert (about.low is None or about.high is None) or about.low < about.high
    assert name not in ABOUT or about is ABOUT[name]


@pytest.mark.parametrize("name", EVERY)
def test_its_range_holds_for_films_that_know_nothing(name, truths, others):
    values, about = METRICS[name].function(others, truths, PAPER), METRICS[name].about
    assert values.shape == (N,) and np.isfinite(values).all()
    assert about.low is None or values.min() >= about.low - 1e-6
    assert about.high is None or values.max() <= about.high + 1e-6


@pytest.mark.parametrize("name", EVERY)
def test_a_film_scores_best_against_itself_and_noise_makes_it_worse(name, truths, others, rng):
    metric = METRICS[name]
    sign = 1 if metric.about.higher_is_better else -1
    itself, little, much = (
        sign * metric.function(seen, truths, PAPER)
        for seen in (truths, noisier(truths, rng, 0.1), noisier(truths, rng, 1.0))
    )
    assert little.mean() > much.mean()
    if metric.blind:  # whoever is smoothest, itself or not
        return
    best = metric.about.high if metric.about.higher_is_better else metric.about.low
    assert best is None or itself == pytest.approx(sign * best, abs=1e-5)
    assert (itself >= little - 1e-6).all()
    assert (itself >= sign * metric.function(others, truths, PAPER) - 1e-6).all()


@pytest.mark.parametrize("name", EVERY)
def test_blind_ones_and_only_they_do_not_mind_other_truths(name, truths, others):
    metric, shuffled = METRICS[name], truths[np.roll(np.arange(N), 1)]
    same = np.allclose(metric.function(others, truths, PAPER), metric.function(others, shuffled, PAPER))
    assert same == metric.blind == metric.is_blind(PAPER)


@pytest.mark.parametrize("truths_of_each", [1, 3])
@pytest.mark.parametrize("name", [name for name in EVERY if METRICS[name].about.chance is not None])
def test_chance_is_what_films_that_know_nothing_score(name, truths_of_each, rng):
    metric, protocol = METRICS[name], replace(PAPER, truths=truths_of_each)
    drawn = [[films(rng, 40, metric.needs) for _ in "ab"] for _ in range(6)]
    scores = [metric.function(one, other, protocol).mean() for one, other in drawn]
    off = 4 * np.std(scores) / np.sqrt(len(scores)) + 0.004
    assert np.mean(scores) == pytest.approx(metric.chance(protocol), abs=off)
    assert metric.chance(PAPER) == pytest.approx(metric.about.chance)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_protocol_says_where_it_is_from_and_what_is_odd(name):
    protocol = protocol_named(name)
    assert protocol.name == name and len(protocol.source) > 20 and protocol.oddities
    assert all(sentence.endswith(".") for sentence in protocol.oddities)
    assert set(protocol.metrics) <= set(METRICS) and len(set(protocol.metrics)) == len(protocol.metrics)


def test_an_unknown_protocol_is_refused_with_those_that_exist():
    with pytest.raises(ValueError, match="expected one of: paper, mind-video, mind-animator, neurons, mindeye"):
        protocol_named("best")


def test_a_gate_makes_clip_pcc_look_at_the_truth(truths):
    gated = PROTOCOLS["mind-animator"]
    assert METRICS["clip_pcc"].is_blind(PAPER) and not METRICS["clip_pcc"].is_blind(gated)
    smooth = replace(truths, embeddings=np.repeat(truths.embeddings[:, :1], 6, axis=1))
    compute = METRICS["clip_pcc"].function
    assert compute(smooth, smooth, gated) == pytest.approx(1.0)
    assert not compute(smooth, smooth[np.roll(np.arange(N), 1)], replace(gated, gate=0.99)).any()


def test_all_pairs_are_not_neighbours():
    """There and back and there: neighbours are a right angle apart, of ten pairs four are the same."""
    there_and_back = np.array([[[1.0, 0], [0, 1], [1, 0], [0, 1], [1, 0]]])
    seen = Features(np.zeros((1, 5, 3, 1, 1), np.uint8), embeddings=there_and_back)
    compute = METRICS["clip_pcc"].function
    assert compute(seen, seen, PAPER) == pytest.approx(0)
    assert compute(seen, seen, PROTOCOLS["neurons"]) == pytest.approx(4 / 10)


def test_clip_pcc_is_the_mean_cosine_of_known_angles():
    """Steps of 0, 60 and 90 degrees: cosines 1, 1/2 and 0."""
    angles = np.array([0, 0, np.pi / 3, np.pi / 3 + np.pi / 2])
    seen = Features(np.zeros((1, 4, 3, 1, 1), np.uint8), embeddings=np.stack([np.cos(angles), np.sin(angles)], 1)[None])
    assert METRICS["clip_pcc"].function(seen, seen, PAPER) == pytest.approx((1 + 0.5 + 0) / 3)


def test_equal_frames_have_the_most_psnr_of_the_protocol(truths):
    pixels = replace(PAPER, metrics=("psnr",))
    assert np.isinf(score(truths, truths, pixels)["psnr"]).all()
    assert score(truths, truths, replace(pixels, psnr_most=100.0))["psnr"] == pytest.approx(100)


def test_a_frame_of_one_colour_has_no_pixel_correlation(truths):
    flat = replace(truths, frames=np.full_like(truths.frames, 90))
    assert not METRICS["pixel_correlation"].function(flat, truths, PAPER).any()
    float_frames = replace(truths, frames=(truths.frames / 255).astype(np.float32))
    for name in ("ssim", "psnr", "pixel_correlation"):
        one, other = (METRICS[name].function(seen, truths[::-1], PAPER) for seen in (truths, float_frames))
        assert one == pytest.approx(other, abs=1e-4)


def test_what_nobody_judged_is_not_served_and_cannot_be_computed(truths):
    unjudged = Features(truths.frames)
    assert served(unjudged, PAPER) == ["ssim", "psnr", "pixel_correlation"]
    with pytest.raises(ValueError, match="got films without video logits, expected them: see films with judges"):
        METRICS["video_2_way"].function(unjudged, truths, PAPER)
    with pytest.raises(ValueError, match="expected the same shape: see both under one protocol"):
        METRICS["ssim"].function(truths, replace(truths, frames=truths.frames[..., :16]), PAPER)


@pytest.mark.parametrize("name", ["paper", "mind-video"])
def test_draws_agree_with_the_expectation(name, truths, others, rng):
    """Of 20,000 trials a film, on average; the 100 that programs draw are off by a hundredth and more."""
    protocol = PROTOCOLS[name]
    exact = score(others, truths, replace(protocol, metrics=tuple(n for n in protocol.metrics if METRICS[n].ways)))
    many = sampled(others, truths, replace(protocol, trials=20_000), rng)
    few = sampled(others, truths, protocol, rng)
    assert set(exact) == set(many) == set(few) and len(exact) == 4
    for metric, values in exact.items():
        assert many[metric] == pytest.approx(values, abs=0.015)
    assert np.abs(few["video_2_way"] - exact["video_2_way"]).max() > 0.01

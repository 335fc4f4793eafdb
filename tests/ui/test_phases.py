"""What a training run is doing, and when it will be over, as read from the bars that it prints."""

import io

import pytest
from tqdm import tqdm

from neuroclips.paths import cache_dir
from neuroclips.ui import curves, phases
from neuroclips.ui.run_record import Choices

CHOSEN = Choices("perception", 1, 100, 1e-3)


@pytest.fixture(autouse=True)
def fresh(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path))


def printed(name, done, total):
    """What tqdm itself writes to a file, so that another version of it is noticed."""
    file = io.StringIO()
    bar = tqdm(total=total, desc=name, unit="film", file=file, mininterval=0)
    bar.update(done)
    bar.close()
    return file.getvalue()


def seen(output, log=(), idle=0.0):
    told = phases.seen(phases.planned(CHOSEN), output, log, CHOSEN, idle, phases.step_seconds("perception", 1)[0])
    return {phase.title: phase for phase in told}


def test_a_fresh_machine_is_told_minutes_from_the_first_second():
    first = seen("")
    assert first["Starting Python"].state == "now" and {p.state for p in first.values()} == {"now", "later"}
    assert 300 < sum(phase.seconds for phase in first.values()) < 1200


def test_the_bar_that_moves_is_the_phase_and_those_before_it_are_over():
    output = "a warning\n" + printed("watching films", 24, 24) + printed("subject1: repeats", 9, 18)
    told = seen(output)
    titles = list(told)
    assert told[titles[1]].state == "done" and told[titles[2]].state == "now" and told[titles[2]].note == "9 of 18"
    assert told[titles[2]].share == 0.5 and {told[t].state for t in titles[3:]} == {"later"}


def test_what_prints_nothing_comes_after_what_is_whole():
    told = seen(printed("latents of the training films", 4320, 4320), idle=10)
    ridge = told["Solving the ridge layer"]
    assert ridge.state == "now" and 0 < ridge.share < 1 and ridge.seconds == pytest.approx(35, abs=1)


def test_what_the_cache_holds_takes_no_time():
    (cache_dir("simulated", "subject1") / "meta.json").write_text("{}")
    (cache_dir("targets") / "simulated_v3-1-2_latents_abc.npy").write_text("")
    told = seen("")
    assert told["Scanning it"].state == "kept" and told["Encoding films to latents"].seconds == 0
    (cache_dir("targets") / "simulated_v3-1-2_latents_abc.npy").rename(
        cache_dir("targets") / "simulated_v3-1-2_latents_abc.part.npy"
    )
    assert seen("")["Encoding films to latents"].seconds > 60


def test_training_ends_when_its_steps_say_so():
    log = [{"step": s, "loss": 1.0, "seconds": 2.0 * (s + 1)} for s in range(40)]
    training = seen("", log)["Training"]
    assert (training.state, training.note, training.seconds) == ("now", "step 40 of 100", pytest.approx(120))
    assert {phase.state for title, phase in seen("", log).items() if title not in ("Training", "Saving")} == {"done"}


def test_a_slow_machine_is_expected_to_stay_slow():
    slow = "watching films: 100%|##########| 24/24 [18:20<00:00, 45.0s/film]\n"
    assert seen(slow)["Encoding films to latents"].seconds > 5 * seen("")["Encoding films to latents"].seconds


def test_curves_are_in_colours_of_the_page_and_say_their_numbers():
    log = [{"step": s, "loss": 1 / (s + 1)} for s in range(900)]
    svg = curves.loss_svg(log, 1000)
    assert "fill=" not in svg and "#" not in svg and svg.count("<polyline") == 2 and len(svg) < 20_000
    score = curves.score_svg([(100, 0.1), (200, 0.2)], {"chance": 0.01, "linear baseline": 0.15}, 1000, "retrieval")
    assert "chance 0.01" in score and "linear baseline 0.15" in score and 'aria-label="retrieval: now 0.2;' in score
    assert curves.loss_svg([], 10) == curves.score_svg([], {}, 10, "x") == ""
    assert [v for _, v in curves.smoothed([(i, float(i)) for i in range(30)])][::29] == [0, 19.5]


@pytest.mark.parametrize("low,high", [(0, 1), (3.4, 8.1), (-0.01, 0.25), (1e-6, 3e-6), (6.99, 7.0), (-2, 900)])
def test_ticks_are_few_and_round(low, high):
    ticks = curves.round_values(low, high)
    assert 3 <= len(ticks) <= 7 and all(low <= tick <= high for tick in ticks)
    assert all(len(f"{tick:g}") <= 7 for tick in ticks)

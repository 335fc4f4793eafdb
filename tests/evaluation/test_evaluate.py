"""An evaluation of a few clips with everything in it: every number between floors, the null subject at them."""

import csv
import json

import numpy as np
import pytest

from neuroclips.configure import configure
from neuroclips.data.registry import load_dataset
from neuroclips.errors import InputError
from neuroclips.evaluation import films, floors, numbers, stored
from neuroclips.evaluation.asked import Asked
from neuroclips.evaluation.conditions import CEILING, CONDITIONS
from neuroclips.evaluation.evaluate import evaluate, eyes_of
from neuroclips.evaluation.films import Whose
from neuroclips.evaluation.intervals import interval
from neuroclips.evaluation.rows import scores, shuffled
from neuroclips.evaluation.seen import of_files, of_truth
from neuroclips.evaluation.tokens import runs_of
from neuroclips.evaluation.told import lines
from neuroclips.metrics.protocols import PROTOCOLS
from neuroclips.metrics.registry import METRICS

CLIPS = (0, 36)  # of two minutes
NULL_CLIPS = tuple(range(0, 300, 12))


FEW = {"prior_steps": 2, "prior_samples": 1, "keyframe_draws": 1, "keyframe_steps": 2, "video_steps": 2}


@pytest.fixture(scope="module")
def whose(tmp_path_factory):
    """Films that are not shipped take few steps: what is asked of them here is not how good they are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(films, "configure", lambda settings, changes: configure(settings, FEW | dict(changes)))
        yield Whose(tmp_path_factory.mktemp("evaluation"))


@pytest.fixture(scope="module")
def found(whose):
    return evaluate(Asked(whose, (1,), CLIPS, ("paper",), True, True, False, n_permutations=99, leaks=False))


@pytest.fixture(scope="module")
def part(found):
    return found.report["subjects"]["1"]["protocols"]["paper"]


def test_every_condition_has_every_metric_with_an_interval(part):
    assert list(part["conditions"]) == list(CONDITIONS)
    metrics = list(part["conditions"]["full"]["metrics"])
    assert set(metrics) <= set(PROTOCOLS["paper"].metrics) and {"ssim", "frame_2_way", "video_50_way"} <= set(metrics)
    for name, row in part["conditions"].items():
        about = CONDITIONS[name]
        assert row["kind"] == about.kind and row["n"] == len(CLIPS) and row["precomputed"] == (name == "full")
        blind = {m for m in metrics if METRICS[m].blind} if name == "shuffled" else set()
        assert set(row["metrics"]) == set(metrics) - blind
        for metric, score in row["metrics"].items():
            low, high = score["ci"]
            assert set(score) == {"value", "ci", "sd"} and low - 1e-5 <= score["value"] <= high + 1e-5
            least, most = METRICS[metric].about.low, METRICS[metric].about.high
            assert least is None or least - 1e-5 <= score["value"]
            assert most is None or score["value"] <= most + 1e-5


def test_films_differ_from_the_full_ones_on_the_same_clips(part):
    filmed = {name for name, about in CONDITIONS.items() if about.filmed} - {"full"}
    assert set(part["differences"]) == filmed
    for name in filmed:
        for metric, less in part["differences"][name].items():
            full, other = (part["conditions"][of]["metrics"][metric]["value"] for of in ("full", name))
            assert less["value"] == pytest.approx(full - other, abs=2e-4) and less["n"] == len(CLIPS)


def test_shares_run_from_the_best_floor_to_the_ceiling(part):
    for metric, share in part["share"].items():
        at, low, high = (part["conditions"][of]["metrics"][metric]["value"] for of in ("full", share["floor"], CEILING))
        if share["value"] is None:
            assert share["why"].startswith("the ceiling is not ")
        else:
            assert share["value"] == pytest.approx((at - low) / (high - low), abs=0.05)
    assert part["share"]["clip_pcc"]["value"] is None  # what stands still is smoothest


def test_permutations_are_of_all_that_looks_at_the_truth(part):
    for metric, null in part["permutation"].items():
        assert not METRICS[metric].blind and 0 < null["p"] <= 1 and null["n_permutations"] == 99
        assert sum(null["counts"]) == 99 and len(null["edges"]) == len(null["counts"]) + 1
    assert "clip_pcc" not in part["permutation"]


def test_a_second_time_gives_the_same_and_looks_at_nothing_again(found, whose):
    before = {path: path.stat().st_mtime_ns for path in (whose.out / "features").glob("*.npz")}
    again = evaluate(Asked(whose, (1,), CLIPS, ("paper",), True, True, False, n_permutations=99, leaks=False))
    assert again.report == found.report
    assert before and before == {path: path.stat().st_mtime_ns for path in (whose.out / "features").glob("*.npz")}


def test_files_hold_the_report_and_every_clip(found, tmp_path):
    stored.write(found.report, found.tables, tmp_path)
    assert stored.read(tmp_path) == json.loads(json.dumps(found.report))
    with (tmp_path / stored.CLIPS).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(CONDITIONS) * len(CLIPS) and {row["condition"] for row in rows} == set(CONDITIONS)
    full = [float(row["ssim"]) for row in rows if row["condition"] == "full"]
    value = found.report["subjects"]["1"]["protocols"]["paper"]["conditions"]["full"]["metrics"]["ssim"]["value"]
    assert np.mean(full) == pytest.approx(value, abs=1e-4)


def test_what_is_told_is_ascii_and_never_a_bare_number(found):
    told = lines(found.report)
    assert all(line.isascii() for line in told) and "simulated data, demo judges" in told[0]
    ssim = next(line for line in told if line.strip().startswith("SSIM "))
    assert "[" in ssim and ssim.split()[-1].startswith("0.")
    assert all(any(about.label in line for line in told) for name, about in CONDITIONS.items() if name != "full")


def test_stored_rows_fill_what_was_not_evaluated_only_for_the_same_models(found, whose):
    few = evaluate(Asked(whose, (1,), CLIPS, ("paper",), thinned=False, n_permutations=99)).report
    here = few["subjects"]["1"]["protocols"]["paper"]
    assert set(here["conditions"]) == {"full", "flat", "shuffled"} and here["share"] == {}
    whole = stored.completed(few, found.report)["subjects"]["1"]["protocols"]["paper"]
    assert set(whole["conditions"]) == set(CONDITIONS) and set(whole["differences"]) and whole["share"]
    assert whole["conditions"]["zero"]["precomputed"] and not whole["conditions"]["flat"]["precomputed"]
    other = found.report | {"made": found.report["made"] | {"weights": {}}}
    assert stored.completed(few, other) == few == stored.completed(few, None)


def test_means_over_subjects_have_a_spread(found):
    table = found.tables[1, "paper"]
    pooled = numbers.over_subjects([table, table], np.arange(300) // 30, 0)
    ssim = pooled["conditions"]["full"]["metrics"]["ssim"]
    assert ssim["sd"] == pytest.approx(0) and ssim["each"] == pytest.approx([ssim["value"]] * 2)
    assert set(pooled["differences"]) == {name for name, about in CONDITIONS.items() if about.filmed} - {"full"}


def test_a_dataset_without_films_is_refused(whose, tmp_path):
    np.save(tmp_path / "mine.npy", np.zeros((3, 3286), np.float32))
    asked = Asked(Whose(tmp_path, dataset="file", source=tmp_path / "mine.npy"), (1,), (0,))
    with pytest.raises(InputError, match="dataset file, which has no films to compare with"):
        evaluate(asked)


def test_one_clip_has_scores_but_neither_interval_nor_p(whose):
    found = evaluate(Asked(whose, (1,), (5,), ("paper",), controls=False, leaks=False))
    part = found.report["subjects"]["1"]["protocols"]["paper"]
    assert part["permutation"] == {} and set(part["conditions"]) == {"full", "flat"}
    ssim = part["conditions"]["full"]["metrics"]["ssim"]
    assert ssim["ci"] == [None, None] and "one block" in ssim["why"]
    told = lines(found.report)
    assert any("SSIM" in line and "no interval" in line for line in told) and not any("nan" in line for line in told)


def test_the_null_subject_is_inside_the_floor_of_every_metric(tmp_path, monkeypatch):
    """Decoders of noise, given noise: films are as good for other clips of the same film as for their own.

    Every score lies within the 95 % interval of what shuffled clips score, 1.96 standard deviations of draws, no p is
    extreme on either side, and no score is better than the 95 % interval of the floor over minutes of film. On its
    other side that interval says little: of 25 clips an N-way score of one in fifty is 0 for nearly all. CLIP-pcc is
    left out: it never looks at the truth and has no such floor.
    """
    monkeypatch.setattr(films, "configure", configure)  # all steps
    whose, data = Whose(tmp_path), load_dataset()
    made = films.films_of(whose, 1, "null", NULL_CLIPS)
    truths = of_truth(data, NULL_CLIPS)
    eyes = eyes_of(whose, "paper", truths)
    shown = of_files(made.files)
    nulls = shuffled(shown, truths, eyes, np.asarray(NULL_CLIPS) // 240, 0, 1000)
    own, minutes = scores(shown, truths, eyes), runs_of(data)[1][list(NULL_CLIPS)]
    looking = {name for name in own if not METRICS[name].is_blind(PROTOCOLS["paper"])}
    assert set(nulls) == looking and len(looking) >= 10 and set(own) - looking == {"clip_pcc"}
    for name, found in nulls.items():
        assert found.null.value == pytest.approx(own[name].mean(), abs=1e-4)
        assert abs(found.null.z) <= 1.96, f"{name}: z = {found.null.z}"
        assert 0.05 / len(looking) <= found.null.p <= 1 - 0.05 / len(looking), f"{name}: p = {found.null.p}"
        floor, value = interval(found.each, minutes), own[name].mean()
        better = value > floor.high if METRICS[name].about.higher_is_better else value < floor.low
        assert not better, f"{name}: {value} of {floor}"


def test_two_way_is_among_all_truths_of_an_evaluation(whose):
    """Of the films of some clips, as of all of them."""
    truths = of_truth(load_dataset(), (0, 36, 72, 240))
    eyes = eyes_of(whose, "mindeye", truths)
    shown = floors.flat(truths.of((36, 240)))
    found = scores(shown, truths, eyes)["clip_two_way"]
    every = scores(floors.flat(truths), truths, eyes)["clip_two_way"]
    assert found == pytest.approx(every[[1, 3]]) and {round(3 * x, 6) % 1 for x in every} == {0}

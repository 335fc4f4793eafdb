"""Is it from the brain? Rows differ in the brain alone, and where there is nothing of a clip nothing is found."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from neuroclips import __version__, run
from neuroclips.data.registry import load_dataset
from neuroclips.errors import InputError
from neuroclips.evaluation import brain_share, brain_shares, brain_strip
from neuroclips.evaluation.brain_ceiling import ceiling_of
from neuroclips.evaluation.brain_share import METRICS, Share, of, shares
from neuroclips.evaluation.brain_shares import lines, over_clips
from neuroclips.evaluation.brains import BRAINS, FLOOR
from neuroclips.evaluation.from_brain import FromBrain, Row, from_brain, heading, record, row_of
from neuroclips.evaluation.own_truth import Against, p_of
from neuroclips.media import read_video
from neuroclips.memory import Memory
from neuroclips.paths import ASSETS, ROOT
from neuroclips.precomputed import ceilings
from neuroclips.reading import read_json
from neuroclips.types import FmriSample, Guidance, Request, Settings

FEW = {"prior_steps": 2, "prior_samples": 1, "keyframe_steps": 1, "keyframe_draws": 1, "video_steps": 1}
FAST = Settings(**FEW, n_video_frames=4, pixels=64)
OTHER = "the stored ceiling is of other settings: n_video_frames, pixels, video_steps"
CLIP = 5


@pytest.fixture(scope="module")
def memory():
    return Memory()


@pytest.fixture(scope="module")
def found(memory):
    told = []
    strip = from_brain(Request(1, CLIP, FAST), told.append, memory=memory)
    assert told == list(strip.rows)
    return strip


def film(row):
    return row.result.reconstruction.video


def test_the_real_row_is_an_ordinary_reconstruction_and_all_others_differ(found, memory):
    assert [row.name for row in found.rows] == list(BRAINS) and not any(row.why for row in found.rows)
    plain = run.reconstruct(Request(1, CLIP, FAST), memory=memory)
    real = found.rows[0]
    assert torch.equal(film(real), plain.reconstruction.video)
    assert real.result.summary == plain.summary | {"brain": "real", "seconds": real.result.summary["seconds"]}
    assert len({row.result.summary["frames_sha256"] for row in found.rows}) == len(BRAINS)
    assert {(row.result.summary["clip"], row.result.summary["seed"]) for row in found.rows} == {(CLIP, 0)}


def test_prior_and_off_pass_no_voxel_on(found, memory):
    """Their films are the same whoever's brain it is."""
    for name in ("prior", "off"):
        other = row_of(Request(1, CLIP, replace(FAST, edits=(doubled,))), name, memory=memory)
        mine = next(row for row in found.rows if row.name == name)
        assert torch.equal(film(other), film(mine))


def doubled(sample: FmriSample) -> FmriSample:
    return replace(sample, voxels=2 * sample.voxels + 1)


def test_edits_change_the_sample_of_every_row(memory):
    row = row_of(Request(1, CLIP, replace(FAST, edits=(silenced,))), "real", memory=memory)
    zero = row_of(Request(1, CLIP, FAST), "zero", memory=memory)
    assert torch.equal(film(row), film(zero)) and row.result.summary["edits"] == ["silenced"]


def silenced(sample: FmriSample) -> FmriSample:
    return replace(sample, voxels=torch.zeros_like(sample.voxels))


def beside_the_ceiling(strip: FromBrain) -> FromBrain:
    """With the stored ceiling, which these films of fewer steps do not get by themselves."""
    real, scored = strip.rows[0], {row.name: row.scores for row in strip.rows if row.scores}
    return replace(strip, shares=shares(scored, ceilings()[strip.request.clip], real.p, real.against.n))


def test_films_of_other_settings_than_the_ceilings_have_none(found):
    assert {(share.value, share.ceiling, share.why) for share in found.shares.values()} == {(None, None, OTHER)}
    usual, stored = Settings(), ceilings()[CLIP]
    for settings in (usual, None, replace(usual, seed=3, prior_steps=2), replace(usual, guidance=Guidance(False))):
        assert ceiling_of(Request(1, CLIP, settings)) == stored
    assert ceiling_of(Request(1, CLIP, replace(usual, edits=(doubled,)))) == stored
    for changes in ({"theta": 0.2}, {"prompt": "a dog"}, {"video_solver": "euler"}):
        assert ceiling_of(Request(1, CLIP, replace(usual, **changes))).endswith(f"settings: {', '.join(changes)}")


def test_shares_are_of_the_floor_and_the_stored_ceiling(found):
    scores, found = {row.name: row.scores for row in found.rows}, beside_the_ceiling(found)
    for name in METRICS:
        share = found.shares[name]
        floor = np.mean([getattr(scores[row], name) for row in FLOOR])
        ceiling = getattr(ceilings()[CLIP], name)
        value = getattr(scores["real"], name)
        assert share.floor == pytest.approx(floor) and share.ceiling == ceiling and share.score == value
        assert share.value == pytest.approx((value - floor) / (ceiling - floor))
        assert share.n_truths == 30 and 1 / 30 <= share.p <= 1
        assert set(share.beats) == {row for row in scores if getattr(scores[row], name) < value}
    assert "clip_pcc" not in found.shares  # a still picture scores best
    assert FLOOR == ("zero", "mean", "noise", "prior", "off")


def test_p_ranks_the_own_truth_among_those_of_the_minute(found):
    real = found.rows[0].against
    assert real.n == 30 and real.own == CLIP and real.stretch == 0
    for name in METRICS:
        own = getattr(found.rows[0].scores, name)
        assert real.scores[name][CLIP] == pytest.approx(own, abs=1e-6)
        assert found.shares[name].p == np.mean(real.scores[name] >= real.scores[name][CLIP] - 1e-9)


def test_a_row_travels_between_processes(found):
    row = pickle.loads(pickle.dumps(found.rows[0]))
    assert row.scores == found.rows[0].scores and row.p == found.rows[0].p


def test_a_strip_is_files_that_say_what_was_found(found, tmp_path):
    brain_strip.save(tmp_path / "strip", found)
    names = {path.name for path in (tmp_path / "strip").iterdir()}
    assert names == {"strip.png", "from_brain.json", "truth.mp4", *(f"{n.replace(' ', '-')}.mp4" for n in BRAINS)}
    written = read_json(tmp_path / "strip" / "from_brain.json")
    assert [row["name"] for row in written["rows"]] == list(BRAINS) and written["clip"] == CLIP
    assert written["shares"]["frame_2_way"]["score"] == pytest.approx(found.shares["frame_2_way"].score)
    assert written["shares"]["frame_2_way"]["why"] == OTHER and written["seed"] == 0 and written["judges"] == "demo"
    assert written["simulated"] and written["version"] == __version__ and "lesion" not in heading(found)
    assert heading(found) == f"subject 1, clip {CLIP} (simulated data, demo judges)"
    assert written["rows"] == record(found)["rows"]
    assert (read_video(tmp_path / "strip" / "off.mp4") - film(found.rows[-1])).abs().mean() < 0.03
    assert Image.open(tmp_path / "strip" / "strip.png").width > 1000


def test_what_cannot_be_made_is_a_row_with_the_reason(tmp_path):
    """A visitor's file of one sample: no other clip, no mean, no other subject, no films to compare with."""
    np.save(tmp_path / "mine.npy", load_dataset().sample(1, CLIP).voxels.numpy()[None])
    only_words = replace(FAST, guidance=Guidance(False, False, False))
    mine = Request(1, 0, only_words, dataset="file", source=tmp_path / "mine.npy")
    strip = from_brain(mine)
    why = {row.name: row.why for row in strip.rows if row.why}
    assert set(why) == {"another clip", "mean", "noise", "other subject"}
    assert "expected one 30 s from clip 0" in why["another clip"] and "expected 10 or more" in why["noise"]
    assert "expected another: leave this control" in why["other subject"]
    assert strip.shares == {} and record(strip)["rows"][1]["why"] == why["another clip"]
    brain_strip.save(tmp_path / "strip", strip)
    assert not (tmp_path / "strip" / "truth.mp4").exists()
    with pytest.raises(InputError, match="got brain 'mine', expected one of: real, another clip"):
        row_of(mine, "mine")


def test_the_null_subject_gives_nothing_that_its_floor_does_not(memory):
    """No film left a trace in its fMRI: no share is far above 0, and no p is small; of many clips further down."""
    strips = [from_brain(Request(0, clip, FAST, dataset="null"), memory=memory) for clip in (9, 23)]
    assert {row.name for row in strips[0].rows if row.why} == {"other subject"}
    table = over_clips([beside_the_ceiling(strip) for strip in strips])
    for name in METRICS:
        assert table[name]["value"] < 0.35 and table[name]["p"] > 0.05, table[name]
    assert len(lines(table)) == len(METRICS) and "no interval" in lines(table)[0]  # of one minute of film
    written = brain_shares.record(strips, table)
    assert written["clips"] == [9, 23] and "clip" not in written and written["shares"] == table
    assert {"subject", "dataset", "zoo", "seed", "video_steps", "reconstructors", "judges", "version"} <= set(written)
    assert heading(strips[0]) == "subject 0, clip 9 (simulated data, dataset null, demo judges)"
    assert all(one["why"] == OTHER for one in over_clips(strips).values())


def test_a_clip_whose_ceiling_is_below_its_floor_counts_as_the_others_do():
    """Films that know nothing: leaving out clips of high floors would make their share greater than 0."""
    random = np.random.default_rng(5)
    floor, score = random.uniform(0.5, 1, (2, 400))
    made = []
    for clip in range(400):
        value, why = of(score[clip], floor[clip], 0.9)
        share = Share(score[clip], floor[clip], 0.9, value, why)
        row = Row("real", against=Against(clip // 30, clip % 30, {name: random.random(30) for name in METRICS}))
        made.append(FromBrain(Request(1, clip), (row,), dict.fromkeys(METRICS, share)))
    one = over_clips(made)["psnr"]
    assert one["n_of_share"] == 400 and sum(of.shares["psnr"].value is None for of in made) > 50
    assert one["ci"][0] < 0 < one["ci"][1]
    assert one["value"] == pytest.approx((score.mean() - floor.mean()) / (0.9 - floor.mean()))
    made[0] = replace(made[0], shares=dict.fromkeys(METRICS, Share(0.9, 0.5, float("inf"), None, "infinite")))
    assert "of 399 clips" in lines(over_clips(made))[0]


def test_p_of_films_that_know_nothing_is_uniform():
    random = np.random.default_rng(7)
    p = [p_of(_films(random, shared=0), "psnr", seed) for seed in range(200)]
    assert 0.4 < np.mean(p) < 0.6 and np.mean(np.array(p) <= 0.05) < 0.1
    known = [p_of(_films(random, shared=3), "psnr", seed) for seed in range(20)]
    assert np.mean(known) < 0.01


def _films(random, shared: float) -> list[Against]:
    """Five films of two minutes, whose own truth fits better than others by `shared`."""
    films = []
    for stretch, own in ((0, 1), (0, 7), (0, 20), (4, 0), (4, 29)):
        scores = random.standard_normal(30)
        scores[own] += shared
        films.append(Against(stretch, own, {"psnr": scores}))
    return films


@pytest.mark.parametrize(
    ("floor", "ceiling", "value", "why"),
    [(0.5, 1.0, 0.8, ""), (0.95, 1.0, -1.0, ""), (0.5, 0.8, 4 / 3, ""), (0.5, 0.5, None, brain_share.NO_SCALE)]
    + [(None, 1.0, None, brain_share.NO_FLOOR), (0.5, None, None, brain_share.NO_CEILING)]
    + [(0.5, float("inf"), None, brain_share.INFINITE)],
)
def test_a_share_is_told_as_it_is_or_why_there_is_none(floor, ceiling, value, why):
    found, said = of(0.9, floor, ceiling)
    assert said == why and (found is None if value is None else found == pytest.approx(value))


def test_over_every_twelfth_clip_the_null_subject_has_no_share_and_the_page_tells_those_of_the_others():
    """Of the stored evaluation, whose films were made in full; its ceiling is of more clips."""
    page = (ROOT / "docs" / "from-brain.md").read_text(encoding="utf-8")
    for subject, told in read_json(ASSETS / "evaluation" / "scores.json")["subjects"].items():
        paper, cells = told["protocols"]["paper"], []
        known = {name: row["metrics"] for name, row in paper["conditions"].items()}
        for metric in METRICS:
            mean = {name: known[name][metric]["value"] for name in ("zero", "noise", "prior", "none", "null", "oracle")}
            floor = np.mean([mean[name] for name in ("zero", "noise", "prior", "none")])
            real, _ = of(mean["zero"] + paper["differences"]["zero"][metric]["value"], floor, mean["oracle"])
            null, _ = of(mean["null"], floor, mean["oracle"])
            assert abs(null) < 0.15 < 0.25 < real
            cells.append(f"{100 * real:.0f} % ({100 * null:.0f} %)")
        assert f"| {subject} | {' | '.join(cells)} |" in page, cells

"""The leak card finds what is leaked on purpose, and tells what ships as it is."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from neuroclips.evaluation import middles
from neuroclips.evaluation.leaks import films, fmri, models, words
from neuroclips.evaluation.middles import Middles, hashed, nearest
from neuroclips.preprocessing.build import build
from neuroclips.preprocessing.clean import PreprocessConfig
from neuroclips.preprocessing.layout import FILMS
from neuroclips.simulation.shots import web_shot
from neuroclips.web.clips import HELD_OUT, web_clip
from neuroclips.zoo import zoo_named
from tests.preprocessing.test_choosing import Runs


def test_a_shot_that_is_in_two_splits_is_found_whenever_it_is_shown():
    splits = films.splits()
    assert films.shared_shots(splits).passed and [len(some) for some in splits.values()] == [666, 87, 553]
    moved = replace(splits["training"][3], start=7.0, duration=2.0)
    found = films.shared_shots(splits | {"test": [*splits["test"], moved]})
    assert found.passed is False and "; 1 of them in two splits" in found.found


@pytest.fixture(scope="module")
def pictures():
    """uint8 (12, H, W, 3): first frames of held-out web clips."""
    return np.stack([web_clip(HELD_OUT + i, 1)[0].transpose(1, 2, 0) for i in range(12)])


def again(picture, quality=40):
    """A picture at two thirds of its size, darker, and compressed."""
    small = Image.fromarray((picture * 0.8).astype(np.uint8)).resize((84, 84), Image.Resampling.LANCZOS)
    small.save(file := io.BytesIO(), "JPEG", quality=quality)
    return np.asarray(Image.open(file).resize(picture.shape[:2]))


def test_a_hash_knows_a_picture_again_and_no_other(pictures):
    hashes = hashed(pictures)
    away, which = nearest(hashed(np.stack([again(picture) for picture in pictures])), hashes)
    assert which.tolist() == list(range(12)) and away.max() <= films.BITS
    bits = np.unpackbits(hashes, axis=1).astype(int)
    apart = np.abs(bits[:, None] - bits).sum(-1)[~np.eye(12, dtype=bool)]
    assert apart.min() > 2 * films.BITS and apart.mean() == pytest.approx(128, abs=12)
    some, others = hashes[:4], hashes[4:]
    assert nearest(some, others)[0].tolist() == np.abs(bits[:4, None] - bits[4:]).sum(-1).min(1).tolist()


def seen(pictures):
    return Middles(np.zeros((len(pictures), 8), np.float32), hashed(pictures), np.zeros((1, 2, 2), np.float32))


def test_a_test_frame_that_is_nearly_a_training_frame_is_found(pictures):
    clean = films.near_duplicates(seen(pictures[:4]), seen(pictures[4:]))
    assert clean.passed and clean.found.startswith("Of 4 test clips 0 have")
    leaked = films.near_duplicates(seen(pictures[:4]), seen(np.stack([*pictures[4:], again(pictures[2])])))
    assert leaked.passed is False and leaked.found.startswith("Of 4 test clips 1 have")


def test_the_middle_frame_is_the_one_that_is_retrieved(monkeypatch, data):
    monkeypatch.setattr(middles, "N_SAMPLES", 3)
    frames = middles.middle_frames("test", 0)
    true = np.stack([data.stimulus(clip, 6)[3].permute(1, 2, 0).numpy() for clip in range(3)])
    assert np.abs(frames / 255 - true).max() < 1e-6


@pytest.mark.parametrize("excluded", [False, True])
def test_the_card_tells_which_films_chose_the_voxels(excluded, tmp_path):
    """It does the test again: with a voxel that no training film would have chosen, the card says so."""
    config = PreprocessConfig(exclude_validation=excluded)
    home = build(Runs(), FILMS[:19], tmp_path / "subject1", config, n_processes=1)
    test, validation = fmri.selection(home)
    assert test.passed and validation.passed is excluded and fmri.scaling(home).passed
    assert ("--exclude-validation" in validation.found) is not excluded and "keep 20 of the 20" in validation.found
    train = np.load(home / "train_fmri.npy")
    train[:, 1, 5] = np.random.default_rng(0).normal(size=len(train))  # a voxel whose showings do not agree
    np.save(home / "train_fmri.npy", train)
    assert fmri.selection(home)[0].passed is False
    np.save(home / "test_fmri.npy", np.load(home / "test_fmri.npy") + 0.2)  # the mean of another run
    assert fmri.scaling(home).passed is False


def test_what_is_not_in_the_cache_is_not_passed(monkeypatch, tmp_path):
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path))
    flat = Middles(np.zeros((2, 8)), np.zeros((2, 32), np.uint8), np.random.default_rng(0).normal(size=(18, 16, 128)))
    monkeypatch.setattr(fmri, "middles", lambda kind: flat)
    rows = fmri.checks([1])
    assert [row.passed for row in rows[:3]] == [None] * 3 and "simulate --subjects 1" in rows[0].found


def test_a_mean_over_test_films_is_told():
    films_of = np.random.default_rng(0).normal(size=(23, 4, 8)) + np.arange(23)[:, None, None]
    train, test = films_of[:18], films_of[18:]
    assert fmri.centre(train[:16].mean(0), train, test).passed
    assert fmri.centre(train.mean(0), train, test).passed  # two films of 18 move it too little to tell
    assert fmri.centre(test.mean(0), train, test).passed is False


def test_words_of_the_true_frame_are_told():
    decoded = [("a dog walking in the snow", "a dog walking in the snow", "a cat walking in a room", "x")] * 9
    assert words.verdict(decoded).passed
    given = [("a cat walking in a room", "a dog walking in the snow", "a cat walking in a room", "x")] * 9
    assert words.verdict(given).passed is False and "9 are what it says of the true frame" in words.verdict(given).found


def test_shipped_words_are_those_of_the_stored_keyframes(monkeypatch):
    monkeypatch.setattr(words, "LOOKED_AT", 4)
    rows = words.sentences(2)
    assert len(rows) == 4 and words.verdict(rows).passed and all(said == keyframe for said, keyframe, *_ in rows)


def test_a_web_shot_that_is_in_a_film_is_found(monkeypatch, tmp_path):
    monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path))
    shots = films.splits()["test"]
    assert models.web_shots(range(40), shots).passed
    assert models.web_shots(range(40), [*shots, web_shot(7)]).passed is False
    same_seed = replace(shots[0], seed=web_shot(7).seed)  # another script that is painted by the same numbers
    assert models.web_shots(range(40), [*shots, same_seed]).passed
    assert models.web_shots(range(8, 40), [*shots, web_shot(7)]).passed  # that nobody learnt from


def test_judges_say_whose_pictures_they_learnt_from():
    """The frame judge shares its shots with what paints, the one of own shots and the video judge do not."""
    found = {role: models.judged_by(zoo_named(), role) for role in models.JUDGES}
    assert {role: check.passed for role, check in found.items()} == {
        "frame judge": False,
        "frame judge/own shots": True,
        "video judge": True,
        "clip judge": False,
    }
    assert "16,000 with keyframes" in found["frame judge"].found and "whose tokens" in found["clip judge"].found
    own = models.learnt_from(zoo_named().part("frame judge/own shots").folder)
    assert own == set(range(50_000, 66_000))

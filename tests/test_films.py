"""Films are what they say: deterministic, disjoint, and cut as often as cc2017."""

import numpy as np
import pytest

from neuroclips.simulation import films
from neuroclips.simulation.vocabulary import CLASS_NAMES, OBJECTS


def test_same_script_same_frames_at_any_rate():
    six, sixteen = films.clip_frames("test", 0, 5, 6), films.clip_frames("test", 0, 5, 16)
    assert six.shape == (6, 96, 96, 3) and six.dtype == np.uint8
    assert np.array_equal(six, films.clip_frames("test", 0, 5, 6))
    assert np.array_equal(six[0], sixteen[0]) and np.array_equal(six[3], sixteen[8])  # the same moments


def test_no_shot_is_shared_between_web_training_and_test():
    def seeds(shots):
        return {(s.seed, s.name, s.scene, round(s.x, 6)) for s in shots}

    web = seeds(films.web_shot(i) for i in range(34_000))
    train = seeds(s for f in range(18) for s in films.script("train", f))
    test = seeds(s for f in range(5) for s in films.script("test", f))
    assert not web & train and not web & test and not train & test
    assert len(train) > 600 and len(test) > 400


@pytest.mark.parametrize(("kind", "rate"), [("train", 0.17), ("test", 0.45)])
def test_cuts_come_as_often_as_in_cc2017(kind, rate):
    cuts = [films.has_cut(kind, f, tr) for f in range(films.FILM_COUNT[kind]) for tr in range(films.N_TR)]
    assert np.mean(cuts) == pytest.approx(rate, abs=0.03)


def test_some_classes_appear_only_in_test_films():
    shown = {kind: {s.name for f in range(n) for s in films.script(kind, f)} for kind, n in films.FILM_COUNT.items()}
    only = {o.name for o in OBJECTS.values() if o.test_only}
    assert only and not only & shown["train"] and only <= shown["test"]
    assert shown["train"] | only == set(CLASS_NAMES)


def test_box_holds_what_changes_between_frames():
    shot = next(s for s in (films.web_shot(i) for i in range(50)) if s.motion == "drift")
    a, b = films.render(shot, 0.0), films.render(shot, 0.5)
    changed = np.argwhere((a != b).any(-1)) / 96
    boxes = np.array([films.box(shot, 0.0), films.box(shot, 0.5)])
    assert (changed >= boxes[:, [1, 0]].min(0) - 0.03).all() and (changed <= boxes[:, [3, 2]].max(0) + 0.03).all()


def test_unknown_film_says_which_exist():
    with pytest.raises(ValueError, match="0 to 4"):
        films.script("test", 5)

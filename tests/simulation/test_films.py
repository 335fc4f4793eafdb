"""Films are what they say: deterministic on any machine, disjoint, and cut as often as cc2017."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from neuroclips.paths import ROOT
from neuroclips.simulation import films, motion, render, shots, sprites
from neuroclips.simulation.vocabulary import CLASS_NAMES, OBJECTS, SCENES

EVERY = [
    (kind, i, shot)
    for kind in ("train", "test")
    for i in range(shots.FILM_COUNT[kind])
    for shot in shots.script(kind, i)
]


def one_of_each_scene():
    found = {}
    for i in range(400):
        found.setdefault(shots.web_shot(i).scene, shots.web_shot(i))
    assert set(found) == set(SCENES)
    return list(found.values())


def test_same_script_same_frames_at_any_rate():
    six, sixteen = films.clip_frames("test", 0, 5, 6, 96), films.clip_frames("test", 0, 5, 16, 96)
    assert six.shape == (6, 96, 96, 3) and six.dtype == np.uint8
    assert np.array_equal(six, films.clip_frames("test", 0, 5, 6, 96))
    assert np.array_equal(six[0], sixteen[0]) and np.array_equal(six[3], sixteen[8])  # the same moments


@pytest.mark.parametrize("pixels", [64, 130, 256])
def test_any_even_size_shows_the_same_picture(pixels):
    from PIL import Image

    for shot in one_of_each_scene():
        frame, usual = render.render(shot, 1.0, pixels), render.render(shot, 1.0, 96)
        assert frame.shape == (pixels, pixels, 3)
        small, usual = (
            np.asarray(Image.fromarray(f).resize((12, 12), Image.Resampling.BOX), int) for f in (frame, usual)
        )
        assert np.abs(small - usual).mean() < 5, shot.scene


@pytest.mark.parametrize("pixels", [62, 97, 258])
def test_other_sizes_are_refused(pixels):
    with pytest.raises(ValueError, match="expected an even number from 64 to 256"):
        films.frame_at("train", 0, 0.0, pixels)


def test_frames_do_not_depend_on_the_processor():
    """The same bytes with every vector unit that numpy could use switched off."""
    code = (
        "import hashlib; from neuroclips.simulation import render, shots;"
        "frames = [render.render(shots.web_shot(i), 0.7, 64).tobytes() for i in range(60)];"
        "print(hashlib.sha256(b''.join(frames)).hexdigest())"
    )
    here = hashlib.sha256(b"".join(render.render(shots.web_shot(i), 0.7, 64).tobytes() for i in range(60))).hexdigest()
    found = np._core._multiarray_umath.__cpu_dispatch__
    plain = {**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(found), "PYTHONHASHSEED": "5"}
    elsewhere = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, env=plain, capture_output=True, text=True
    )
    assert elsewhere.stdout.strip() == here, elsewhere.stderr


def test_no_shot_is_shared_between_web_training_test_and_calibration():
    def seeds(found):
        return {(s.seed, s.names, s.scene, s.things[0].x) for s in found}

    sets = [
        seeds(shots.web_shot(i) for i in range(34_000)),
        seeds(s for kind, _, s in EVERY if kind == "train"),
        seeds(s for kind, _, s in EVERY if kind == "test"),
        seeds(shots.script("calibration", 0)),
    ]
    assert [len(s) > n for s, n in zip(sets, (33_000, 600, 400, 30), strict=True)] == [True] * 4
    assert sum(map(len, sets)) == len(set.union(*sets))
    # paintings come from one pool of 2^31 seeds, where 34,000 web shots must meet some by chance; the few others do not
    paintings = [{s[0] for s in found} for found in sets[1:]]
    assert not paintings[0] & paintings[1] and not paintings[0] & paintings[2] and not paintings[1] & paintings[2]


@pytest.mark.parametrize(("kind", "rate"), [("train", 0.17), ("test", 0.45)])
def test_cuts_come_as_often_as_in_cc2017(kind, rate):
    cuts = [shots.has_cut(kind, f, tr) for f in range(shots.FILM_COUNT[kind]) for tr in range(shots.N_TR)]
    assert np.mean(cuts) == pytest.approx(rate, abs=0.03)


def test_cuts_fall_on_frames_of_a_30_hz_film_and_change_the_picture():
    cut = shots.cut_times("test", 0)[3]
    assert cut * 30 == pytest.approx(round(cut * 30), abs=1e-6)
    before, after = films.frame_at("test", 0, cut - 1 / 30, 96), films.frame_at("test", 0, cut, 96)
    assert np.array_equal(after, render.render(shots.script("test", 0)[4], 0.0, 96)) and not np.array_equal(
        before, after
    )


def test_some_classes_appear_only_in_test_films():
    shown = {kind: {n for k, _, s in EVERY if k == kind for n in s.names} for kind in ("train", "test")}
    only = {o.name for o in OBJECTS.values() if o.test_only}
    assert only and not only & shown["train"] and only <= shown["test"]
    assert shown["train"] | only == set(CLASS_NAMES)


def test_people_lead_and_some_shots_have_company():
    main = [s.name for kind, _, s in EVERY if kind == "train"]
    people = [n for n in main if OBJECTS[n].axes.get("body", 0) >= 0.5]
    assert 0.15 < len(people) / len(main) < 0.4
    assert 0.15 < np.mean([len(s.things) == 2 for _, _, s in EVERY]) < 0.35
    pair = next(s for _, _, s in EVERY if len(s.things) == 2)
    assert pair.names[0] in pair.caption or OBJECTS[pair.names[0]].axes.get("body")
    assert " with " in pair.caption and pair.things[1].size < pair.things[0].size


@pytest.mark.parametrize("which", [0, 1])
def test_box_is_where_the_object_is_drawn(monkeypatch, which):
    found = [s for s in map(shots.web_shot, range(300)) if len(s.things) == 2 and s.scene in ("sky", "underwater")][:6]
    for shot in found:
        with monkeypatch.context() as patch:
            real = sprites.paste
            patch.setattr(
                sprites, "paste", lambda c, name, *a, s=shot, r=real: None if name == s.names[which] else r(c, name, *a)
            )
            without = render.render(shot, 0.5, 128)
        changed = np.argwhere((without != render.render(shot, 0.5, 128)).any(-1))
        if not len(changed):
            continue  # behind the other object
        left, top, right, bottom = np.array(motion.box(shot, 0.5, which)) * 128
        assert (changed >= [top - 1.5, left - 1.5]).all() and (changed <= [bottom + 1.5, right + 1.5]).all()
        if which == 0 and left > 1 and right < 127:  # nothing in front of it but wisps: the box is tight
            assert changed[:, 1].min() < left + 3 and changed[:, 1].max() > right - 4


def test_what_stands_touches_the_ground():
    for shot in (s for s in map(shots.web_shot, range(200)) if s.scene == "field" and s.motion in ("walk", "pan")):
        if not OBJECTS[shot.name].flies:
            where = motion.pose(shot, 0.0)
            assert where.y + where.height / 2 == pytest.approx(where.shadow_y, abs=0.03)


def test_unknown_film_says_which_exist():
    with pytest.raises(ValueError, match="0 to 4"):
        shots.script("test", 5)

"""What sentences say is read in the words of the films, and right captions score at the top."""

import numpy as np
import pytest

from neuroclips import precomputed
from neuroclips.evaluation import labels, words
from neuroclips.simulation.vocabulary import OBJECTS, SCENES, caption, noun, verb


def test_every_caption_of_the_films_is_read_as_it_is_meant():
    for thing in OBJECTS.values():
        for scene in thing.scenes:
            for motion in thing.motions:
                meant = labels.Labels(noun(thing.name), SCENES[scene], verb(thing.name, motion))
                assert labels.said(caption(thing.name, scene, motion)) == meant
                assert labels.said(caption(thing.name, scene, motion, "coffee cup")) == meant


@pytest.mark.parametrize(
    ("sentence", "object", "scene", "action"),
    [
        ("A Dog Walking in a forest.", "dog", "in a forest", "walking"),
        ("a dogma walking in a forest", None, "in a forest", None),
        ("a soccer ball bouncing", "soccer ball", None, "bouncing"),
        ("a smooth video", None, None, None),
        ("", None, None, None),
    ],
)
def test_words_that_no_film_needs_are_nothing(sentence, object, scene, action):  # noqa: A002
    assert labels.said(sentence) == labels.Labels(object, scene, action)


def test_a_guess_is_the_label_of_most_training_clips():
    assert labels.most_frequent("object") == "man" and labels.n_words("scene") == len(SCENES)


CLIPS = tuple(range(0, 300, 15))


@pytest.fixture(scope="module")
def found(data):
    """Of twenty clips: true captions, and those of subject 2's films."""
    told = {row["clip"]: row["caption"] for row in precomputed.load_all(2)}
    return (words.measure({clip: sentences[clip] for clip in CLIPS}) for sentences in (_true(data), told))


def _true(data):
    return {clip: data.caption(clip) for clip in CLIPS}


def test_true_captions_are_right_and_decoded_ones_lie_between_floor_and_ceiling(found):
    true, decoded = found
    assert [true[kind]["value"] for kind in labels.KINDS] == [1, 1, 1]
    for name, scores in decoded.items():
        assert scores["ci"][0] <= scores["value"] <= scores["ci"][1] and true[name]["value"] >= scores["value"]
        if name != "action":  # which a single frame hardly shows
            assert max(scores["shuffled"], scores.get("chance", 0)) < scores["ci"][0]
    assert all(0 < decoded[kind]["uniform"] < 0.1 < decoded[kind]["ceiling"] <= 1 for kind in labels.KINDS)


def test_a_clip_with_a_cut_has_two_references(data):
    counts = np.array([len(words.references_of(clip)) for clip in range(60)])
    assert set(counts) >= {1, 2} and all(data.caption(c) in words.references_of(c) for c in range(60))

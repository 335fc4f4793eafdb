"""What semantic areas are told: by a visitor's words, or by what the captioner says."""

import numpy as np
import pytest

from neuroclips.errors import InputError
from neuroclips.loop.told import CAPTIONER, VISITOR, parse_shows, read_caption
from neuroclips.simulation.features import SEMANTIC_NAMES, _semantic
from neuroclips.simulation.motion import pose
from neuroclips.simulation.shots import web_shot
from neuroclips.simulation.vocabulary import noun

SIZES = np.array([0.6, 0.3])


def test_words_of_a_visitor_are_told_clip_by_clip():
    first, second, third = parse_shows("Dog, cat,  field; nothing", 3)
    assert (first.things, first.scene, first.by, str(first)) == (("dog", "cat"), "field", VISITOR, "dog, cat, field")
    assert second.things == () and second.scene is None and third == second
    assert not second.axes(SIZES, 0.7).any()
    told = dict(zip(SEMANTIC_NAMES, first.axes(SIZES, 0.7), strict=True))
    assert told["dog"] == pytest.approx(0.6) and told["cat"] == pytest.approx(0.3)
    assert told["furry"] == pytest.approx(0.9) and told["scene field"] == pytest.approx(0.7)


@pytest.mark.parametrize(("words", "complaint"), [
    ("jelyfish", "such as: jellyfish"), ("dog, cat, bear", "up to 2 classes and a scene"), ("", "up to 2 classes"),
    ("beach, ocean", "up to 2 classes and a scene"), ("dog, nothing", "up to 2 classes"), ("a; b; c", "'a'"),
    ("dog; cat; dog", "got 3 descriptions, expected at most 2"),
])  # fmt: skip
def test_words_that_say_nothing_are_refused(words, complaint):
    with pytest.raises(InputError, match=complaint):
        parse_shows(words, 2)


def test_a_true_caption_is_read_as_its_script():
    for index in range(300):
        shot = web_shot(index)
        told = read_caption(shot.caption)
        assert (told.things[0], told.scene, told.by) == (shot.name, shot.scene, CAPTIONER), shot
        assert [*map(noun, told.things)] == [*map(noun, shot.names)], shot  # a runner beside another is called a man
    assert str(read_caption("something else")) == "nothing"


def test_axes_are_those_of_the_script():
    shot = web_shot(7)
    places = [pose(shot, 1.0, which) for which in range(len(shot.names))]
    sizes = np.array([max(place.width, place.height) for place in places])
    own = read_caption(shot.caption).axes(sizes, 1 - 0.8 * places[0].width * places[0].height)
    np.testing.assert_allclose(own, _semantic(shot, 1.0), rtol=1e-6)

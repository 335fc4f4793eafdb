"""CIDEr-D and CLIPScore on cases that are worked out by hand."""

from math import exp, log, sqrt

import numpy as np
import pytest

from neuroclips.metrics.captions import cider, clip_score, words

REFERENCES = [["a dog runs on the beach"], ["a red bus drives on a street"], ["a bird flies over the sea"]]


def test_the_caption_itself_scores_ten():
    assert cider([captions[0] for captions in REFERENCES], REFERENCES) == pytest.approx(10)
    assert cider(["A dog runs, on the beach!"] * 3, REFERENCES)[0] == pytest.approx(10)


def test_words_that_no_reference_has_score_nothing():
    assert cider(["purple elephants", "", "cats"], REFERENCES).tolist() == [0, 0, 0]
    assert cider(["a a a a"] * 3, REFERENCES).tolist() == pytest.approx([0, 0, 0])  # all films share it


def test_unigrams_by_hand():
    """ "dog" of the words of film 0 that are its own: dog, runs, beach weigh log 3; on, the log 3 / 2; a nothing."""
    own, shared = log(3), log(1.5)
    length = sqrt(3 * own**2 + 2 * shared**2)
    expected = 10 * exp(-(5**2) / (2 * 6**2)) * (own * own / (own * length)) / 4  # no longer n-gram is said
    assert cider(["dog", "x", "x"], REFERENCES)[0] == pytest.approx(expected)


def test_words_said_again_count_no_more_than_in_the_reference():
    """The clipped product: three dogs are as near as one, over a longer vector."""
    own, shared = log(3), log(1.5)
    length = sqrt(3 * own**2 + 2 * shared**2)
    unigrams = own * own / (3 * own * length)
    expected = 10 * exp(-(3**2) / (2 * 6**2)) * unigrams / 4
    assert cider(["dog dog dog", "x", "x"], REFERENCES)[0] == pytest.approx(expected)


def test_several_references_are_averaged_and_nearer_is_better():
    both = [[*REFERENCES[0], "a cat sleeps"], *REFERENCES[1:]]
    found = cider(["a dog runs on the beach", "a bus drives", "a bird"], both)
    assert 0 < found[0] < 10 and found[1] > cider(["a", "a bus", "a"], REFERENCES)[1] > 0


def test_every_sentence_needs_a_reference():
    for references in (REFERENCES[:1], [["a dog"], []]):
        with pytest.raises(ValueError, match="one or more captions"):
            cider(["a dog", "a cat"], references)


def test_clip_score_is_two_and_a_half_cosines():
    one, other = np.array([[3.0, 0], [1, 0], [1, 0]]), np.array([[1.0, 0], [1, 1], [-1, 0]])
    assert clip_score(one, other) == pytest.approx([2.5, 2.5 * sqrt(0.5), 0])
    assert words("It's a Dog's life -- no. 3") == ["it's", "a", "dog's", "life", "no", "3"]

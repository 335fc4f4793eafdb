"""Clips as they are typed, and in batches."""

import pytest

from neuroclips.clips import in_batches, parse_clips
from neuroclips.errors import InputError


@pytest.mark.parametrize(
    ("text", "clips"),
    [("all", [0, 1, 2, 3, 4]), ("1-3", [1, 2, 3]), ("4", [4]), ("4,0,0-1", [0, 1, 4]), (" 2 , 3-3", [2, 3])],
)
def test_clips_are_read_in_order_and_once(text, clips):
    assert parse_clips(text, 5) == clips


@pytest.mark.parametrize("text", ["", "one", "3-1", "-1", "1-", "0:3", "5", "0-5", "1,,2", "9" * 30])
def test_other_words_are_refused_in_one_line(text):
    with pytest.raises(InputError, match="got clips .*, expected"):
        parse_clips(text, 5)


def test_batches_hold_every_clip_once():
    for items in ((), (3,), tuple(range(7))):
        for size in (1, 2, 7, 9):
            made = list(in_batches(items, size))
            assert sum(made, ()) == items and all(len(batch) == size for batch in made[:-1]) and all(made)

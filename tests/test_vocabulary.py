"""Which typed words the demo zoo's text encoder reads: as the encoder itself says."""

from neuroclips.vocabulary import vocabulary
from neuroclips.zoo import load_part, zoo_named

UNKNOWN, PADDING = 2, 0  # word numbers of its tokenizer


def test_the_words_are_those_that_the_encoder_knows():
    known, encoder = vocabulary(zoo_named()), load_part(zoo_named(), "text encoder")
    assert len(known.words) == 92 and not known.unread(" ".join(known.words[:18]))
    every = encoder.words(list(known.words))[:, 1]  # behind the mark of the beginning
    assert UNKNOWN not in every and len(set(every.tolist())) == len(known.words)
    said = "a purple cat and a Dog <unk>"
    numbers = dict(zip(said.split(), encoder.words([said])[0, 1:].tolist(), strict=False))
    assert known.unread(said) == ["purple", "and", "Dog", "<unk>"] == [w for w, n in numbers.items() if n == UNKNOWN]


def test_words_behind_the_last_that_is_read_change_nothing():
    known, encoder = vocabulary(zoo_named()), load_part(zoo_named(), "text encoder")
    sentence = ["cat"] * known.most
    assert known.unread(" ".join([*sentence, "dog"])) == ["dog"]
    full, longer, other = encoder.words(
        [" ".join(words) for words in (sentence, [*sentence, "dog"], [*sentence[1:], "dog"])]
    )
    assert full.equal(longer) and not full.equal(other) and PADDING not in full


def test_an_encoder_of_the_hub_spells_what_it_does_not_know():
    assert vocabulary(zoo_named("paper")) is None

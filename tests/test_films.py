"""Films stay what they are: ten requests against the record in tests/films.json."""

import json

import pytest

from neuroclips import machine
from neuroclips.export import record
from tests import films

STORED = json.loads(films.FILE.read_text())


@pytest.fixture(autouse=True)
def one_thread():
    """As the record was made."""
    with films.one_thread():
        yield


@pytest.mark.parametrize(
    "i", range(len(films.REQUESTS)), ids=lambda i: "subject {}, clip {}".format(*films.REQUESTS[i])
)
def test_films_are_those_on_record(pipeline, data, i):
    (subject, clip, changes), stored = films.REQUESTS[i], STORED["films"][i]
    sample = data.sample(subject, clip)
    made = pipeline(sample, films.settings_of(pipeline, changes))
    assert (stored["subject"], stored["clip"]) == (subject, clip)
    assert films.difference(made, stored["colours"]) < 0.75  # of 255: bfloat16 is 0.15, another seed 7
    if machine.described(made.precision) == STORED["machine"]:
        assert record(made, sample, "simulated", None)["frames_sha256"] == stored["frames_sha256"]
        assert made.caption == stored["caption"]

"""What the shipped judgements of pairs say is what the judge says of the shipped films."""

import base64

import numpy as np
import pytest

from neuroclips import pairs
from neuroclips.data.registry import load_dataset
from neuroclips.reading import read_json


def shipped(subject):
    stored = read_json(pairs.PATH)["subjects"][str(subject)]
    n = load_dataset().info.n_clips
    rows = np.frombuffer(base64.b64decode(stored["nearer"]), np.uint8).reshape(n, -1)
    return stored["films"], np.unpackbits(rows, axis=1)[:, :n].astype(bool)


@pytest.mark.parametrize("subject", [1, 2, 3])
def test_all_shipped_films_were_judged(subject):
    films, nearer = shipped(subject)
    assert films == pairs.films_of(subject), "films changed: run python -m neuroclips pairs"
    assert not nearer.diagonal().any() and 0.85 < nearer.mean() < 1  # no film is nearer to its clip than to that clip


def test_a_few_judged_again_are_the_same():
    clips, others = [0, 123, 299], list(range(5, 300, 25))
    again, nearer = pairs.nearer(2, clips, others), shipped(2)[1]
    assert (again != nearer[np.ix_(clips, others)]).sum() <= 1  # on another machine a near tie may fall the other way

"""Which clips join: neighbours of one run that show one class, up to a length, decided from keyframes alone."""

from dataclasses import replace

import pytest
import torch

from neuroclips.data.boundaries import true_boundary
from neuroclips.data.registry import load_dataset
from neuroclips.errors import InputError
from neuroclips.longfilms.decide import same_class
from neuroclips.longfilms.plan import APART, boundaries, groups
from neuroclips.reconstructors.fusion import FusionConfig
from neuroclips.simulation.shots import has_cut
from neuroclips.train.demo_zoo.scores import class_of
from neuroclips.zoo import load_part, zoo_named

FOLLOWS = load_dataset().info.follows


def planned(clips, probabilities, longest=3):
    decided = boundaries(clips, probabilities, FOLLOWS, longest)
    return [[clips[i] for i in film] for film in groups(len(clips), decided)], [b.why for b in decided]


def test_neighbours_of_one_class_join_up_to_the_longest():
    sure = [0.9] * 6
    assert planned(range(7), sure)[0] == [[0, 1, 2], [3, 4, 5], [6]]
    assert planned(range(7), sure, longest=7)[0] == [[0, 1, 2, 3, 4, 5, 6]]
    assert planned(range(7), sure, longest=1) == ([[c] for c in range(7)], ["1 clips long"] * 6)
    films, why = planned([10, 11, 12, 13], [0.9, 0.5, 0.9])
    assert films == [[10, 11], [12, 13]] and why == ["same class", "other class", "same class"]


def test_films_never_join_across_the_end_of_a_run_or_a_gap():
    """Clip 239 is the last of film test1."""
    films, why = planned([238, 239, 240, 241, 243], [1.0] * 4, longest=10)
    assert films == [[238, 239], [240, 241], [243]] and why == ["same class", APART, "same class", APART]
    assert not FOLLOWS(12, 12) and not FOLLOWS(13, 12) and FOLLOWS(12, 13)


def test_one_clip_is_one_film_and_none_is_none():
    assert planned([5], [])[0] == [[5]] and groups(0, []) == []


def test_the_decision_sees_classes_in_true_frames_and_no_order(web):
    """On held-out web frames: a pair of one class is likelier than one of two; alone there is nothing to decide."""
    clips, shots = web
    zoo = zoo_named()
    models = load_part(zoo, "clip"), load_part(zoo, "fusion")
    first, kinds = clips[:, 0], class_of(shots)
    found = {True: [], False: []}
    for i in range(len(first)):
        found[True] += same_class(torch.stack([clips[i, 0], clips[i, -1]]), *models)
        j = (i + 1) % len(first)
        if kinds[i] != kinds[j]:
            pair = torch.stack([first[i], first[j]])
            found[False] += same_class(pair, *models)
            assert same_class(pair.flip(0), *models) == pytest.approx(found[False][-1:], abs=1e-3)
    assert min(found[True]) > 0.5 > max(found[False]) and same_class(first[:1], *models) == []


def test_a_classifier_of_another_clip_is_named(web):
    with pytest.raises(InputError, match="got keyframes of 96 CLIP numbers, expected 7"):
        same_class(web[0][:2, 0], load_part(zoo_named(), "clip"), FusionConfig(7).build())


def test_the_truth_of_a_boundary_is_that_of_the_films(data):
    """Between the middles of clips; unknown where films are not simulated."""
    found = {c: true_boundary(data.info, c, c + 1) for c in range(60)}
    still = [c for c in found if not has_cut("test", 0, c) and not has_cut("test", 0, c + 1)]
    assert sum(found[c]["cut"] for c in still) <= 1  # a cut may fall between two clips
    cuts = [row for row in found.values() if row["cut"]]
    assert 15 < len(cuts) < 45 and all(row["same class"] for row in found.values() if not row["cut"])
    assert true_boundary(replace(data.info, scripted=()), 0, 1) is None

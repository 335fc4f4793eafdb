"""Conditions: what each changes, how its films are made, and that a stopped run goes on."""

from dataclasses import replace

import pytest
import torch

from neuroclips.data.registry import DATASETS
from neuroclips.errors import InputError
from neuroclips.evaluation import conditions
from neuroclips.evaluation.conditions import ABLATIONS, CEILING, CONDITIONS, CONTROLS, FLOORS
from neuroclips.evaluation.films import Whose, clip_set, films_of, shipped
from neuroclips.evaluation.mean_brain import of_mean_brain
from neuroclips.media import read_video
from neuroclips.pipeline import load_pipeline
from neuroclips.types import TABLE_2
from neuroclips.zoo import zoo_named


@pytest.fixture(scope="module")
def whose(tmp_path_factory):
    return Whose(tmp_path_factory.mktemp("evaluation"))


def test_table_2_and_every_control_have_a_row_that_says_what_it_is():
    assert {"full", *ABLATIONS} == set(TABLE_2) and CEILING in CONDITIONS
    assert set(CONTROLS) == {"zero", "noise", "null", "other", "prior", "none"}
    assert set(FLOORS) == {"flat", "mean frame", "frozen", "best single", "shuffled"}
    for about in CONDITIONS.values():
        assert about.meaning.endswith(".") and about.label and about.kind in conditions.Kind.__args__
        assert about.dataset in ("", *DATASETS) and about.filmed != (about.kind == "floor")


@pytest.mark.parametrize("name", [name for name in CONDITIONS if name not in FLOORS and name != CEILING])
def test_a_condition_changes_what_it_says_and_nothing_else(whose, name):
    order, about = clip_set(whose, 2, name, (0, 3)), CONDITIONS[name]
    settings, usual = order.request.settings, zoo_named().settings
    assert settings == replace(usual, guidance=settings.guidance, captioner=settings.captioner)
    assert (settings != usual) == bool(about.changes)
    assert order.request.subject == (2 if about.per_subject else {"null": 0, "none": 1}[name])
    assert order.request.dataset == (about.dataset or "simulated")
    home = whose.out / "films"
    assert order.out == (home / "subject2" / name if about.per_subject else home / name)


def test_the_mean_brain_says_the_mean_token_whatever_the_voxels():
    models = load_pipeline().subjects(1)
    mean = of_mean_brain(models)
    said = mean.semantic(torch.randn(2, models.semantic.n_voxels))
    assert torch.allclose(said, models.semantic.centre.expand_as(said)) and mean.prior is models.prior
    assert "mean token" in mean.origins["semantic"]["from"] and mean.origins["prior"] == models.origins["prior"]
    assert not torch.allclose(models.semantic(torch.zeros(1, models.semantic.n_voxels)), models.semantic.centre[None])


def test_the_mean_brain_is_no_ones_but_its_condition(whose):
    prior, full = (clip_set(whose, 1, name, (0,)) for name in ("prior", "no-blurry"))
    assert "mean token" in prior.made_with()["reconstructors"]["semantic"]["from"]
    assert full.made_with()["reconstructors"]["semantic"]["from"] == "zoo demo"


def test_shipped_films_are_used_and_all_are_there():
    found = shipped(1, range(300))
    assert found.precomputed and all(path.is_file() for of in (found.files, found.keyframes) for path in of.values())
    assert films_of(Whose(found.files[0].parent), 1, "full", [4]).files[4] == found.files[4]


def test_films_are_made_once_kept_and_refused_when_they_are_of_other_weights(whose, capsys):
    first = films_of(whose, 1, "none", [0])
    made = first.files[0].stat().st_mtime_ns
    assert not first.precomputed and read_video(first.files[0]).shape[1:] == (3, 128, 128)
    both = films_of(whose, 3, "none", [0, 2])  # of no subject
    assert both.files[0].stat().st_mtime_ns == made and both.files[2].is_file()
    assert "1 of 2 clips are there" in capsys.readouterr().err
    order = clip_set(whose, 1, "none", [0])
    (order.out / "manifest.json").rename(order.out / "manifest.json.kept")
    changed = (order.out / "manifest.json.kept").read_text().replace('"seed": 0', '"seed": 1', 1)
    (order.out / "manifest.json").write_text(changed)
    with pytest.raises(InputError, match="films made with other seed than now"):
        films_of(whose, 1, "none", [0])

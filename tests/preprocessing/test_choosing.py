"""Voxels can be chosen without the films that choose settings; as it was before, all training films choose them."""

import json

import numpy as np
import pytest

from neuroclips.errors import InputError
from neuroclips.preprocessing.build import build, choosing
from neuroclips.preprocessing.clean import PreprocessConfig
from neuroclips.preprocessing.layout import FILMS, N_SAMPLES, N_VOLUMES, kind_of, n_validation

TRAINING = FILMS[:18]
EARLY, LATE, NEVER = range(0, 20), range(20, 40), range(40, 60)  # vertices


class Runs:
    """Vertices of which some answer alike to all films, some only to the last two, and some never."""

    key, about, keep = "runs", {"dataset": "made up", "subject": "subject1"}, None
    vertex_index = np.arange(60)

    def repeats(self, film):
        return [1, 2]

    def run(self, film, repeat):
        number = FILMS.index(film)
        run = np.random.default_rng([number, repeat]).normal(size=(N_VOLUMES, 60)).astype(np.float32)
        signal = np.random.default_rng(number).normal(size=(N_VOLUMES, 60)).astype(np.float32)
        answer = np.isin(np.arange(60), [*EARLY, *(LATE if kind_of(film)[1] >= 16 else ())])
        return run + 30 * signal * answer


def test_the_films_that_choose_settings_are_the_last_ninth():
    assert [n_validation(n) for n in (2, 9, 17, 18, 27)] == [1, 1, 1, 2, 3]
    assert choosing([*TRAINING, "test1"], PreprocessConfig()) == list(TRAINING)
    assert choosing([*TRAINING, "test1"], PreprocessConfig(exclude_validation=True)) == list(TRAINING[:16])


def test_without_them_the_same_voxels_are_kept_whatever_they_show(tmp_path):
    """Voxels that answer only to the last two films have no say when these are left out, and some when they are not."""
    kept, z = {}, {}
    for name, excluded in (("all", False), ("without", True)):
        home = build(Runs(), TRAINING, tmp_path / name, PreprocessConfig(exclude_validation=excluded), n_processes=1)
        kept[name], z[name] = np.load(home / "vertex_index.npy"), np.load(home / "selection.npz")["z"]
        meta = json.loads((home / "meta.json").read_text(encoding="utf-8"))
        assert meta.get("exclude_validation", False) == excluded and meta["n_passed"] == len(kept[name])
        assert np.load(home / "train_fmri.npy", mmap_mode="r").shape == (18 * N_SAMPLES, 2, len(kept[name]))
    assert np.array_equal(kept["without"], EARLY)
    assert np.abs(z["without"][[*LATE, *NEVER]]).max() < 0.1 < z["all"][LATE].min()


def test_what_was_built_before_there_was_a_choice_is_not_built_again(tmp_path):
    """The key of the paper's config is what it was: it does not know the option."""
    assert set(PreprocessConfig().record()) == {"alpha", "one_sided", "delay"}
    assert PreprocessConfig(exclude_validation=True).record()["exclude_validation"] is True


def test_one_film_leaves_none_to_choose_by(tmp_path):
    with pytest.raises(InputError, match="over 0 training films"):
        build(Runs(), ["seg1"], tmp_path, PreprocessConfig(exclude_validation=True), n_processes=1)

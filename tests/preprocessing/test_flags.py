"""What looks wrong in a preprocessed dataset is told in its report and as warnings; damaged parts are made again."""

import json
import warnings

import numpy as np
import pytest

from neuroclips.brain.cortex import N_CORTEX, load_cortex
from neuroclips.errors import InputError
from neuroclips.preprocessing import build as building
from neuroclips.preprocessing.build import build
from neuroclips.preprocessing.clean import PreprocessConfig, zscore
from neuroclips.preprocessing.flags import flags, whole_areas
from neuroclips.preprocessing.grayordinates import N_MESH
from neuroclips.preprocessing.meta import read_meta
from neuroclips.preprocessing.quality import write_report

FILMS = ["seg1", "seg2", "test1"]
NUMBER, N_LEFT = load_cortex().mesh_index, int(load_cortex().left.sum())
AREA = load_cortex().area


def both_sides(n=40):
    """Rows of vertices that have the same numbers in both meshes."""
    shared = np.intersect1d(NUMBER[:N_LEFT], NUMBER[N_LEFT:] - N_MESH)[:n]
    return np.searchsorted(NUMBER, shared), np.searchsorted(NUMBER, shared + N_MESH)


def zscored(samples):
    """Film by film, as what `preprocess` writes."""
    return np.concatenate([zscore(film) for film in np.split(samples, len(samples) // 240)]).astype(np.float32)


@pytest.fixture
def sound():
    """A dataset of 80 voxels and what selected them: nothing is wrong with it."""
    rng, index = np.random.default_rng(0), np.sort(np.concatenate(both_sides()))
    arrays = {"train": rng.standard_normal((480, 2, 80)), "test": rng.standard_normal((240, 10, 80))}
    arrays = {kind: zscored(samples) for kind, samples in arrays.items()}
    arrays["test"][:, 4:] = np.nan  # showings that are missing
    return arrays, index, {"z": rng.standard_normal(N_CORTEX), "tested": np.arange(N_CORTEX)}


def test_nothing_is_said_of_a_sound_dataset(sound):
    assert flags(FILMS, *sound) == []
    sound[2]["z"][:] = np.nan  # without training films
    assert flags(FILMS, *sound) == []


def test_a_run_that_was_copied_is_named_though_it_was_scaled(sound):
    train, test = sound[0]["train"], sound[0]["test"]
    train[:240, 1] = train[:240, 0]
    test[:, 3] = 1.5 * train[240:, 0]
    assert flags(FILMS, *sound) == ["the same values in two runs: seg1_1 and seg1_2, seg2_1 and test1_4"]


def test_a_hemisphere_that_was_copied_is_named_by_vertices_and_by_rows(sound):
    arrays, index, selection = sound
    left, right = (np.searchsorted(index, rows) for rows in both_sides())
    arrays["train"][240:, 0, right] = arrays["train"][240:, 0, left]
    assert flags(FILMS, *sound) == ["the same values in both hemispheres: seg2_1"]
    arrays["test"][:, 1, 40:] = arrays["test"][:, 1, :40]
    in_order = np.r_[:40, N_LEFT : N_LEFT + 40]
    assert flags(FILMS, arrays, in_order, selection) == ["the same values in both hemispheres: seg2_1, test1_2"]


def test_an_area_without_signal_is_named_in_one_run_and_in_all(sound):
    arrays, _, selection = sound
    index = np.flatnonzero(AREA == "V1")[:80]  # on the left
    arrays["test"][:, 2] = 0
    selection["z"][(AREA == "MT") & ~load_cortex().left] = 0
    expected = ["constant in all of right MT: every film", "constant in all of left V1: test1_3"]
    assert flags(FILMS, arrays, index, selection) == expected


def test_an_area_counts_when_all_of_it_is_marked():
    index = np.flatnonzero(np.isin(AREA, ["V1", "V2"]))
    marked = (AREA[index] == "V1") & load_cortex().left[index]
    assert whole_areas(marked, index) == ["left V1"]
    marked[0] = False
    assert whole_areas(marked, index) == []


class Runs:
    """Noise of 60 vertices on both sides, whose second showing is a copy of the first."""

    key, keep, about = (
        "runs",
        None,
        {"dataset": "test", "subject": "subject1", "resampled_from": [0.72], "volumes": 300},
    )
    vertex_index = np.r_[:30, N_LEFT + 200 : N_LEFT + 230]

    def repeats(self, film):
        return [1, 2]

    def run(self, film, repeat):
        return 100 + np.random.default_rng(len(film)).standard_normal((244, 60)).astype(np.float32)


@pytest.fixture
def built(tmp_path):
    return build(Runs(), ["seg1"], tmp_path / "out", PreprocessConfig(alpha=1), n_processes=1)


def test_the_report_tells_what_looks_wrong_and_that_runs_were_resampled(built):
    with pytest.warns(UserWarning, match="the same values in two runs: seg1_1 and seg1_2"):
        page = write_report(built).read_text()
    assert "<li>the same values in two runs: seg1_1 and seg1_2</li>" in page and "300 volumes" in page
    assert "interpolation in time from 0.72 s to 2 s" in page and read_meta(built)["resampled_from"] == [0.72]
    train = np.load(built / "train_fmri.npy")
    np.save(built / "train_fmri.npy", np.random.default_rng(0).standard_normal(train.shape).astype(np.float32))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        assert "<p>Nothing: no copied runs" in write_report(built).read_text()


@pytest.mark.parametrize("name", ["meta.json", "train_fmri.npy", "vertex_index.npy"])
def test_a_damaged_dataset_is_built_again(built, name):
    whole = (built / name).read_bytes()
    (built / name).write_bytes(whole[: len(whole) // 2])
    build(Runs(), ["seg1"], built, PreprocessConfig(alpha=1), n_processes=1)
    assert (built / name).read_bytes() == whole


def test_a_damaged_part_is_made_again(tmp_path):
    class Stopped(Runs):
        def run(self, film, repeat):
            raise AssertionError("stopped")

    work = building._Work(Runs(), tmp_path, 2)
    found = np.array(building._correlate(work, "seg1"))
    work.source = Stopped()
    assert np.array_equal(building._correlate(work, "seg1"), found)  # the part is taken
    (tmp_path / "correlation-seg1.npy").write_bytes((tmp_path / "correlation-seg1.npy").read_bytes()[:200])
    with pytest.raises(AssertionError, match="stopped"):
        building._correlate(work, "seg1")
    work.source = Runs()
    assert np.array_equal(building._correlate(work, "seg1"), found)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"films": None}, "got films None, expected a value of type list"),
        ({"films": [1]}, "got film 1, expected names such as seg1"),
        ({"films": ["seg19"]}, "meta.json: got film 'seg19', expected one of seg1"),
        ({"films": ["seg1", "seg1"]}, "expected each once"),
        ({"n_voxels": "9"}, "got n_voxels 9, expected a value of type int"),
        ({"n_voxels": 60.0}, "got n_voxels 60.0, expected a value of type int"),
        ({"n_voxels": True}, "got n_voxels True, expected a value of type int"),
        ({"n_voxels": -4}, "got n_voxels -4, expected at least 1"),
        ({"tr": "2"}, "got tr 2, expected a value of type int or float"),
        ({"subject": []}, r"got subject \[\], expected a value of type str or int"),
        ({"missing_runs": 3}, "got missing_runs 3, expected a value of type list"),
        ({"n_passed": "many"}, "got n_passed many, expected a value of type int or null"),
    ],
)
def test_a_meta_json_that_says_something_else_is_named(built, change, complaint):
    path = built / "meta.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InputError, match=complaint):
        read_meta(built, reported=True)


@pytest.mark.parametrize("name", ["films", "n_voxels", "tr", "subject"])
def test_a_meta_json_that_says_too_little_is_named(built, name):
    path = built / "meta.json"
    path.write_text(json.dumps({k: v for k, v in json.loads(path.read_text()).items() if k != name}))
    with pytest.raises(InputError, match=f"meta.json: got dataset, .*, expected {name} with it"):
        read_meta(built)

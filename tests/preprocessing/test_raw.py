"""Raw CIFTI runs: the layout of the download, equality with the direct arrays, and every fault named."""

import json
import shutil

import nibabel
import numpy as np
import pytest
from typer.testing import CliRunner

from neuroclips.cli import app
from neuroclips.errors import InputError
from neuroclips.preprocessing import cifti, grayordinates
from neuroclips.preprocessing.build import build
from neuroclips.preprocessing.clean import PreprocessConfig
from neuroclips.preprocessing.layout import parse_films, run_length, run_path
from neuroclips.preprocessing.raw import RawRuns
from neuroclips.simulation import simulate
from neuroclips.simulation.simulate import Scanner

# Runs that are left out on purpose; tests that are about these warnings ask for them by name.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*going on without"),
    pytest.mark.filterwarnings("ignore:.*the mean of a clip will be over those that are there"),
]


@pytest.fixture(scope="module")
def scanner():
    return Scanner(1, "full")


@pytest.fixture(scope="module")
def raw(tmp_path_factory, scanner):
    """One training film, and one test film of which two of ten showings are there."""
    root = tmp_path_factory.mktemp("raw")
    simulate.simulate_raw([1], root, ["seg1"])
    for repeat in (1, 3):
        simulate._write_run(scanner, "test2", repeat, run_path(root, "subject1", "test2", repeat))
    yield root
    shutil.rmtree(root)


@pytest.fixture(scope="module")
def preprocessed(raw, tmp_path_factory):
    out = tmp_path_factory.mktemp("preprocessed")
    result = run("--raw", raw, "--alpha", 1, "--films", "seg1,test2", "--out", out, "--json")
    assert result.exit_code == 0, result.output
    yield out / "subject1", json.loads(result.stdout.strip().splitlines()[-1])
    shutil.rmtree(out)


def run(*arguments):
    return CliRunner().invoke(app, ["preprocess", *(str(a) for a in arguments)])


def small_run(path, n_volumes=20, spoil=None):
    """A short run whose every value is fine but for what `spoil` does to it."""
    volumes = 10_000 + np.random.default_rng(0).standard_normal((n_volumes, 59_412), np.float32)
    if spoil:
        spoil(volumes)
    path.parent.mkdir(parents=True, exist_ok=True)
    cifti.write_run(path, volumes, np.random.default_rng(1))
    return path


def test_the_layout_is_that_of_the_download(raw):
    path = raw / "subject1" / "fmri" / "seg1" / "cifti" / "seg1_2_Atlas.dtseries.nii"
    image = nibabel.load(path)
    assert image.shape == (245, 91_282) and image.header.get_axis(0).step == 2.0
    names = [name for name, _, _ in image.header.get_axis(1).iter_structures()]
    assert image.nifti_header["intent_code"] == 3002 and b"simulated" in image.nifti_header["descrip"].tobytes()
    assert names[:2] == list(grayordinates.CORTEX) and len(names) == 21
    assert nibabel.load(run_path(raw, "subject1", "test2", 1)).shape[0] == 246
    assert [run_length(f) for f in ("seg18", "test1", "test5")] == [245, 245, 246]
    assert parse_films("test1, seg2,seg1") == ["seg1", "seg2", "test1"]


def test_preprocessing_raw_files_equals_the_direct_arrays(preprocessed, scanner):
    home, meta = preprocessed
    train, test = np.load(home / "train_fmri.npy"), np.load(home / "test_fmri.npy")
    assert train.shape == (240, 2, 59_412) and test.shape == (240, 10, 59_412)
    direct = [build_samples(scanner, "seg1", r) for r in (1, 2)]
    assert np.abs(train - np.stack(direct, 1)).max() < 2e-3  # float32 around a baseline of 10,000
    assert np.abs(test[:, 2] - build_samples(scanner, "test2", 3)).max() < 2e-3
    assert meta["n_voxels"] == 59_412 and meta["dataset"] == "simulated"


def build_samples(scanner, film, repeat):
    from neuroclips.preprocessing.clean import clean

    return clean(scanner.run(film, repeat), 2)


def test_a_missing_showing_is_not_a_number_and_is_named(preprocessed, raw):
    home, meta = preprocessed
    test = np.load(home / "test_fmri.npy", mmap_mode="r")
    assert np.isfinite(test[:, [0, 2]]).all() and np.isnan(test[:, [1, 3, 9]]).all()
    assert meta["missing_runs"] == [f"test2_{r}" for r in (2, 4, 5, 6, 7, 8, 9, 10)]
    with pytest.warns(UserWarning, match=r"test2_2_Atlas.*got 2 showings of test2, expected 10"):
        RawRuns(raw, 1, ["test2"])


def test_the_report_says_what_was_kept_and_what_was_not_done(preprocessed):
    page = (preprocessed[0] / "qc.html").read_text()
    assert page.count("data:image/png;base64,") == 3 and "no motion was regressed out" in page
    assert "Quality of subject1 (simulated)" in page and "59,412 (100.0%)" in page and "test2_2" in page


def test_without_a_delay_samples_begin_with_the_film(raw, tmp_path, scanner):
    from neuroclips.preprocessing.clean import clean

    home = build(
        RawRuns(raw, 1, ["seg1"]), ["seg1"], tmp_path / "out", PreprocessConfig(alpha=1, delay=0), n_processes=1
    )
    assert np.abs(np.load(home / "train_fmri.npy")[:, 0] - clean(scanner.run("seg1", 1), 0)).max() < 2e-3


def test_too_few_films_for_the_test_are_one_line_and_leave_nothing(raw, tmp_path):
    result = run("--raw", raw, "--films", "seg1", "--out", tmp_path / "out")
    assert result.exit_code == 2 and "--alpha 1" in result.output
    assert [p.name for p in (tmp_path / "out").rglob("*") if p.is_file()] == [".lock"]


@pytest.mark.parametrize("share", [0.0005, 0.5, 0.95])  # in its header, in the cortex, behind it
def test_a_truncated_file_is_named(raw, tmp_path, share):
    whole = run_path(raw, "subject1", "seg1", 1).read_bytes()
    for repeat in (1, 2):
        path = run_path(tmp_path, "subject1", "seg1", repeat)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(whole[: int(len(whole) * share)])
    result = run("--raw", tmp_path, "--films", "seg1", "--alpha", 1, "--out", tmp_path / "out")
    assert (
        result.exit_code == 2
        and "seg1_1_Atlas.dtseries.nii" in result.output
        and "expected a whole CIFTI" in result.output
    )
    assert not list((tmp_path / "out").rglob("*fmri.npy"))


def test_wrong_number_of_volumes_is_named(tmp_path):
    for repeat in (1, 2):
        small_run(run_path(tmp_path, "subject1", "seg1", repeat))
    with pytest.raises(InputError, match=r"seg1_1_Atlas.dtseries.nii: got 20 volumes, expected 245.* also bad: seg1_2"):
        RawRuns(tmp_path, 1)


def test_constant_vertices_are_named_and_empty_runs_refused(tmp_path):
    def some(volumes):
        volumes[:, :9] = 1

    def nearly_all(volumes):
        volumes[:, 9:] = 1

    for repeat, spoil in ((1, some), (2, nearly_all)):
        small_run(run_path(tmp_path, "subject1", "seg1", repeat), 245, spoil)
    runs = RawRuns(tmp_path, 1)
    with pytest.warns(UserWarning, match="got 9 constant vertices"):
        assert runs.run("seg1", 1).shape == (244, 59_412)
    with pytest.raises(InputError, match="the run is empty"):
        runs.run("seg1", 2)


def test_a_missing_training_run_or_subject_is_named(tmp_path):
    small_run(run_path(tmp_path, "subject1", "seg1", 1))
    with pytest.raises(InputError, match=r"seg1_2_Atlas.dtseries.nii: got 1 showings of seg1, expected 2"):
        RawRuns(tmp_path, 1)
    with pytest.raises(InputError, match="expected one of: subject1"):
        RawRuns(tmp_path, 2)
    (tmp_path / "subject3").mkdir()
    with pytest.raises(InputError, match=r"got no run in .*seg1_1_Atlas"):
        RawRuns(tmp_path, 3)


def test_raw_runs_of_another_seed_are_not_mixed(raw):
    with pytest.raises(ValueError, match="another seed"):
        simulate.simulate_raw([1], raw, ["seg1"], seed=3)

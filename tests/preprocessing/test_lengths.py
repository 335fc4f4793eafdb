"""Runs that are not as long as cc2017's, have another TR, or begin elsewhere: as the user says, or named."""

import gzip
import os

import numpy as np
import pytest
from nibabel.cifti2 import Cifti2Image, SeriesAxis
from typer.testing import CliRunner

from neuroclips.cli import app
from neuroclips.errors import InputError
from neuroclips.preprocessing.cifti import Header, read_header
from neuroclips.preprocessing.grayordinates import standard_rows
from neuroclips.preprocessing.layout import run_path
from neuroclips.preprocessing.lengths import Lengths
from neuroclips.preprocessing.raw import RawRuns

pytestmark = pytest.mark.filterwarnings("ignore:.*going on without")


def written(path, volumes, step=2.0, start=0.0):
    """A run of the cortex alone, (n_volumes, 59412)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    axes = SeriesAxis(start, step, len(volumes)), standard_rows()[:59_412]
    path.write_bytes(Cifti2Image(np.ascontiguousarray(volumes), axes).to_bytes())
    return path


def both_showings(root, volumes, **times):
    first = written(run_path(root, "subject1", "seg1", 1), volumes, **times)
    os.link(first, run_path(root, "subject1", "seg1", 2))
    return first


def noise(n_volumes):
    """Every vertex differs; (n_volumes, 59412) float32."""
    rng = np.random.default_rng(0)
    return (1000 + rng.standard_normal((n_volumes, 1)) * np.linspace(1, 2, 59_412)).astype(np.float32)


@pytest.mark.parametrize(
    ("lengths", "film", "expected"),
    [
        (Lengths(), "seg1", (245, 1)),
        (Lengths(), "test2", (246, 2)),
        (Lengths(246), "seg1", (246, 2)),
        (Lengths(None, 3), "test2", (246, 3)),
        (Lengths(300, 0), "seg18", (300, 0)),
    ],
)
def test_the_lengths_are_cc2017s_or_the_users(lengths, film, expected):
    assert (lengths.n_volumes(film), lengths.n_before(film)) == expected


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ((300,), "got --volumes 300 alone.*add --drop-first"),
        ((0, 1), "got volumes 0, expected 1 or more"),
        ((245, -1), "got drop first -1, expected 0 or more"),
        ((10**9, 1), "got volumes 1000000000"),
        ((2.5, 1), "got volumes 2.5"),
        ((True, 1), "got volumes True"),
    ],
)
def test_other_lengths_are_refused(given, complaint):
    with pytest.raises(InputError, match=complaint):
        Lengths(*given)


def spare(lengths, n_volumes, step=2.0, start=0.0, delay=2):
    header = Header(None, np.zeros(0, int), n_volumes, step, start)
    return lengths.n_spare("run.dtseries.nii", header, "seg1", delay)


def test_volumes_that_nothing_reads_are_counted():
    assert spare(Lengths(), 245) == 2
    assert spare(Lengths(300, 10), 300) == 48
    assert spare(Lengths(616, 10, True), 616, step=0.8) == 1  # 605 steps of 0.8 s: 484 s, 243 volumes of 2 s
    assert spare(Lengths(245, 0), 245, start=4.0) == 3
    assert spare(Lengths(242, 0), 242) == 0


@pytest.mark.parametrize(
    ("lengths", "header", "complaint"),
    [
        (Lengths(), {"n_volumes": 300}, "got 300 volumes, expected 245: .*say --volumes 300 --drop-first N"),
        (Lengths(300, 1), {"n_volumes": 245}, "got 245 volumes, expected 300"),
        (Lengths(), {"n_volumes": 681, "step": 0.72}, "got 0.72 s between volumes, expected 2 s: .*--resample"),
        (
            Lengths(resample=True),
            {"n_volumes": 681, "step": 0.72},
            "got 0.72 s between volumes, expected 2 s: say with --drop-first",
        ),
        (
            Lengths(drop_first=3, resample=True),
            {"n_volumes": 681, "step": 0.72},
            "got 681 volumes, expected 245: .*--volumes 681",
        ),
        (Lengths(), {"n_volumes": 245, "start": 4.0}, "got a first volume at 4 s, expected one at 0 s: .*--drop-first"),
        (Lengths(242, 1), {"n_volumes": 242}, "got 241 volumes of 2 s from the film on, expected at least 240"),
        (Lengths(150, 0), {"n_volumes": 150}, "got 150 volumes of 2 s from the film on"),
        (Lengths(245, 245), {"n_volumes": 245}, "got 0 volumes of 2 s from the film on"),
        (Lengths(245, 900), {"n_volumes": 245}, "got 0 volumes of 2 s from the film on"),
        (Lengths(300, 0, True), {"n_volumes": 300, "step": 0.8}, "got 120 volumes of 2 s from the film on"),
    ],
)
def test_runs_of_other_lengths_are_named(lengths, header, complaint):
    with pytest.raises(InputError, match=f"run.dtseries.nii: {complaint}"):
        spare(lengths, **header)


def test_a_long_run_is_read_from_the_film_on_and_what_is_not_used_is_told(tmp_path):
    volumes = noise(260)
    both_showings(tmp_path, volumes)
    with pytest.warns(UserWarning, match="got up to 8 volumes of 2 s after film and delay.*first 240 samples"):
        runs = RawRuns(tmp_path, 1, lengths=Lengths(260, 10), delay_volumes=2)
    assert np.array_equal(runs.run("seg1", 1), volumes[10:])
    assert runs.about["volumes"] == 260 and runs.about["drop_first"] == 10 and runs.about["resampled_from"] == []
    assert runs.key != RawRuns(tmp_path, 1, lengths=Lengths(260, 14), delay_volumes=2).key


def test_a_run_of_another_step_is_resampled_and_that_is_told(tmp_path):
    times = 0.8 * (np.arange(616) - 10)  # the film begins at 0 s
    wave = 1000 + np.sin(2 * np.pi * times / 30)
    both_showings(tmp_path, np.broadcast_to(wave[:, None].astype(np.float32), (616, 59_412)), step=0.8)
    runs = RawRuns(tmp_path, 1, lengths=Lengths(616, 10, True), delay_volumes=2)
    assert runs.about["resampled_from"] == [pytest.approx(0.8)]
    run = runs.run("seg1", 2)
    assert run.shape == (243, 59_412) and run.dtype == np.float32
    expected = 1000 + np.sin(2 * np.pi * 2.0 * np.arange(243) / 30)
    assert np.abs(run[5:-5, [0, -1]] - expected[5:-5, None]).max() < 0.02


def test_a_compressed_run_is_found_and_an_incomplete_cortex_named_before_the_work_begins(tmp_path):
    path = both_showings(tmp_path, np.broadcast_to(np.float32(0), (245, 59_412)))
    packed = path.with_name(f"{path.name}.gz")
    packed.write_bytes(gzip.compress(path.read_bytes(), 1))
    path.unlink()
    runs = RawRuns(tmp_path, 1)
    assert runs.path("seg1", 1) == packed and runs.path("seg1", 2).suffix == ".nii"
    image = Cifti2Image(np.zeros((245, 100), np.float32), (SeriesAxis(0, 2, 245), standard_rows()[:100]))
    packed.write_bytes(gzip.compress(image.to_bytes(), 1))
    with pytest.raises(InputError, match="seg1_1_Atlas.dtseries.nii.gz: got no row for 59,312 of 59,412"):
        RawRuns(tmp_path, 1)


def test_pipes_are_named_and_not_waited_for(tmp_path):
    path = both_showings(tmp_path, np.broadcast_to(np.float32(0), (245, 59_412)))
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(InputError, match="seg1_1_Atlas.dtseries.nii: got no plain file"):
        RawRuns(tmp_path, 1)


def test_the_options_of_preprocess_reach_the_runs(tmp_path):
    both_showings(tmp_path, noise(20), step=0.8)
    common = ["preprocess", "--raw", str(tmp_path), "--out", str(tmp_path / "out")]
    for options, complaint in (
        ([], "got 0.8 s between volumes"),
        (["--resample"], "got 0.8 s between volumes, expected 2 s: say with --drop-first"),
        (["--resample", "--drop-first", "3"], "got 20 volumes, expected 245"),
        (["--resample", "--volumes", "300", "--drop-first", "1"], "got 20 volumes, expected 300"),
        (["--resample", "--volumes", "20", "--drop-first", "2"], "got 7 volumes of 2 s from the film on"),
        (["--volumes", "20"], "got --volumes 20 alone"),
    ):
        result = CliRunner().invoke(app, [*common, *options])
        assert result.exit_code == 2 and complaint in result.output.splitlines()[-1], result.output
    assert not (tmp_path / "out").exists()


def test_the_header_of_a_run_says_when_it_begins(tmp_path):
    header = read_header(written(tmp_path / "run.dtseries.nii", noise(3), step=0.72, start=1.44))
    assert (header.step, header.start) == (0.72, 1.44)

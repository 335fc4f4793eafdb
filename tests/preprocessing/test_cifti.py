"""CIFTI files as other tools write them: read at the right vertices and times, or named in one line."""

import gzip
import os
import struct

import nibabel
import numpy as np
import pytest
from nibabel.cifti2 import BrainModelAxis, Cifti2Image, ScalarAxis, SeriesAxis

from neuroclips.brain.cortex import load_cortex
from neuroclips.errors import InputError, TooLargeError
from neuroclips.preprocessing import series
from neuroclips.preprocessing.cifti import read_header, read_run
from neuroclips.preprocessing.grayordinates import CORTEX, N_MESH, standard_rows

N_VOLUMES = 3
NUMBER = load_cortex().mesh_index  # of every cortical vertex among those of both meshes
N_LEFT = int(load_cortex().left.sum())
LEFT, RIGHT = NUMBER[:N_LEFT], NUMBER[N_LEFT:] - N_MESH


def cortex(left=LEFT, right=RIGHT, n_mesh=N_MESH):
    return BrainModelAxis.from_surface(left, n_mesh, CORTEX[0]) + BrainModelAxis.from_surface(right, n_mesh, CORTEX[1])


def small():
    """700 rows: 300 vertices of each side, which INDEX asks for, and 100 voxels below the cortex."""
    return cortex(LEFT[:300], RIGHT[:300]) + standard_rows()[59_412:59_512]


INDEX = np.r_[:300, N_LEFT : N_LEFT + 300]


def right_first():
    left, right = (cortex()[rows] for rows in (slice(None, N_LEFT), slice(N_LEFT, None)))
    return right + left


def values_of(axis):
    """(3, n_rows) where every cortical row holds the number of its vertex, plus 0.25 for every volume."""
    number = axis.vertex + N_MESH * (axis.name == CORTEX[1])
    return (number + 0.25 * np.arange(N_VOLUMES)[:, None]).astype(np.float32)


def written(path, axis=None, values=None, times=None, dtype=np.float32):
    axis = standard_rows() if axis is None else axis
    times = times or SeriesAxis(0, 2, N_VOLUMES)
    image = Cifti2Image(values_of(axis) if values is None else values, (times, axis))
    image.nifti_header.set_data_dtype(dtype)
    path.write_bytes(image.to_bytes())
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A file of 91,282 grayordinates; not to be changed."""
    return written(tmp_path_factory.mktemp("whole") / "run.dtseries.nii")


AXES = {
    "with what lies below the cortex": standard_rows,
    "the cortex alone": cortex,
    "with the medial wall": lambda: cortex(np.arange(N_MESH), np.arange(N_MESH)),
    "right before left": right_first,
    "vertices in another order": lambda: cortex(np.random.default_rng(0).permutation(LEFT), RIGHT[::-1]),
}


@pytest.mark.parametrize("name", AXES)
def test_rows_are_put_in_the_order_of_the_atlas(tmp_path, name):
    run = read_run(written(tmp_path / "run.dtseries.nii", AXES[name]()))
    assert run.dtype == np.float32 and np.array_equal(run, NUMBER + 0.25 * np.arange(N_VOLUMES)[:, None])


def test_rows_of_both_sides_may_be_mixed(tmp_path):
    axis = small()[np.random.default_rng(0).permutation(700)]
    assert np.array_equal(read_run(written(tmp_path / "run.dtseries.nii", axis), INDEX)[0], NUMBER[INDEX])


@pytest.mark.parametrize(("dtype", "order"), [(np.float64, "<"), (np.int32, "<"), (np.float32, ">")])
def test_other_ways_to_store_numbers_are_read(tmp_path, dtype, order):
    values = np.round(values_of(small())).astype(dtype)
    image = Cifti2Image(values, (SeriesAxis(0, 2, N_VOLUMES), small()))
    image = Cifti2Image(values, image.header, image.nifti_header.as_byteswapped(order))
    image.nifti_header.set_data_dtype(np.dtype(dtype).newbyteorder(order))
    (tmp_path / "run.dtseries.nii").write_bytes(image.to_bytes())
    assert np.array_equal(read_run(tmp_path / "run.dtseries.nii", INDEX)[0], NUMBER[INDEX])


def test_only_the_vertices_that_are_asked_for_must_be_there_and_be_numbers(tmp_path):
    axis = cortex(LEFT[:900], RIGHT[:900])
    values = values_of(axis)
    values[1, 7] = np.nan
    path = written(tmp_path / "run.dtseries.nii", axis, values)
    index = np.array([N_LEFT + 3, 0, 899])
    assert np.array_equal(read_run(path, index)[0], NUMBER[index])
    with pytest.raises(InputError, match="got no row for 1 of 2 cortical vertices"):
        read_run(path, np.array([0, 900]))
    with pytest.raises(InputError, match="not numbers in 1 of 2 vertices"):
        read_run(path, np.array([0, 7]))
    with pytest.raises(InputError, match="got no row for 57,612 of 59,412"):
        read_run(path)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_what_is_no_number_is_named_in_the_cortex_and_ignored_below_it(tmp_path, bad):
    values = values_of(small()).astype(np.float64)
    values[1, 600:] = bad
    path = written(tmp_path / "run.dtseries.nii", small(), values, dtype=np.float64)
    assert np.isfinite(read_run(path, INDEX)).all()
    values[2, :7] = bad
    path = written(tmp_path / "run.dtseries.nii", small(), values, dtype=np.float64)
    with pytest.raises(InputError, match="run.dtseries.nii: got values that are not numbers in 7 of 600 vertices"):
        read_run(path, INDEX)


OTHER_LEFT = np.r_[np.setdiff1d(np.arange(N_MESH), LEFT)[:100], LEFT[100:]]
OTHER_AXES = {
    "got no row for 100 of 59,412 cortical vertices": lambda: cortex(OTHER_LEFT),
    "mesh of 59,292 vertices \\(59k fs_LR\\), expected 32,492 .*-cifti-resample": lambda: cortex(n_mesh=59_292),
    "mesh of 163,842 vertices \\(fsaverage or 164k fs_LR\\)": lambda: cortex(n_mesh=163_842),
    "mesh of 40,000 vertices, expected": lambda: cortex(n_mesh=40_000),
    "got no row for 29,716 of 59,412": lambda: cortex()[:N_LEFT],
    "got no row for 59,412 of 59,412": lambda: standard_rows()[59_412:],
    "got 1 vertices of CIFTI_STRUCTURE_CORTEX_LEFT in two rows": lambda: cortex(np.r_[LEFT[:1], LEFT]),
}


@pytest.mark.parametrize("complaint", OTHER_AXES)
def test_other_vertices_and_meshes_are_named(tmp_path, complaint):
    path = written(tmp_path / "run.dtseries.nii", OTHER_AXES[complaint]())
    with pytest.raises(InputError, match=f"run.dtseries.nii: got.*{complaint.removeprefix('got')}"):
        read_run(path)


OTHER_TIMES = {
    "got 0.72 s between volumes, expected 2 s.*--resample": SeriesAxis(0, 0.72, N_VOLUMES),
    "got 2000 s between volumes, expected 2 s": SeriesAxis(0, 2000, N_VOLUMES),
    "got 0 s between volumes": SeriesAxis(0, 0, N_VOLUMES),
    "got -2 s between volumes": SeriesAxis(0, -2, N_VOLUMES),
    "got nan s between volumes": SeriesAxis(0, float("nan"), N_VOLUMES),
    "got 2 s between volumes from inf s": SeriesAxis(float("inf"), 2, N_VOLUMES),
    "got a series in HERTZ, expected SECOND": SeriesAxis(0, 2, N_VOLUMES, "HERTZ"),
    "got a series in METER, expected SECOND": SeriesAxis(0, 2, N_VOLUMES, "METER"),
    "got a series in RADIAN, expected SECOND": SeriesAxis(0, 2, N_VOLUMES, "RADIAN"),
    "got ScalarAxis by BrainModelAxis .*expected a dtseries": ScalarAxis(["one", "two", "three"]),
}


@pytest.mark.parametrize("complaint", OTHER_TIMES)
def test_other_times_are_named(tmp_path, complaint):
    with pytest.raises(InputError, match=complaint):
        read_run(written(tmp_path / "run.dtseries.nii", small(), times=OTHER_TIMES[complaint]), INDEX)


def test_a_step_in_thousandths_is_read_with_its_exponent(tmp_path):
    path = written(tmp_path / "run.dtseries.nii", small(), times=SeriesAxis(4, 2, N_VOLUMES))
    raw = path.read_bytes()
    for old, new in ((b'Exponent="0"', b'Exponent="1"'), (b'Step="2"', b'Step=".2"'), (b'Start="4"', b'Start=".4"')):
        assert raw.count(old) == 1
        raw = raw.replace(old, new)
    path.write_bytes(raw.replace(b"\n ", b"\n", 2))  # as long as before
    header = read_header(path)
    assert (header.step, header.start, header.n_volumes) == (2.0, 4.0, N_VOLUMES)


def test_series_by_rows_the_other_way_round_is_named(tmp_path):
    path = tmp_path / "run.dtseries.nii"
    path.write_bytes(Cifti2Image(values_of(small()).T.copy(), (small(), SeriesAxis(0, 2, N_VOLUMES))).to_bytes())
    with pytest.raises(InputError, match="got BrainModelAxis by SeriesAxis"):
        read_run(path)


@pytest.mark.parametrize("missing", [1, 100_000, 590_000, 1_000_000, 1_600_000])
def test_a_file_that_is_cut_anywhere_is_named(tmp_path, whole, missing):
    cut = tmp_path / "cut.dtseries.nii"
    cut.write_bytes(whole.read_bytes()[:-missing])
    with pytest.raises(InputError, match="cut.dtseries.nii: got.*expected a whole CIFTI-2 dtseries.*copy it again"):
        read_header(cut)


@pytest.mark.parametrize("missing", [0, 1, 8, 1000, 0.5, 0.999])
def test_a_compressed_file_is_read_and_named_where_it_is_cut(tmp_path, whole, missing):
    packed, path = gzip.compress(whole.read_bytes(), 1), tmp_path / "run.dtseries.nii.gz"
    path.write_bytes(packed[: len(packed) - int(missing * len(packed) if missing < 1 else missing)])
    if missing:
        with pytest.raises(InputError, match="run.dtseries.nii.gz: got.*expected a whole CIFTI-2 dtseries"):
            read_header(path)
    else:
        assert np.array_equal(read_run(path), read_run(whole))


def test_a_compressed_file_with_a_flipped_bit_is_named(tmp_path, whole):
    packed = bytearray(gzip.compress(whole.read_bytes(), 0))
    packed[-20] ^= 1  # among the values below the cortex
    (tmp_path / "run.dtseries.nii.gz").write_bytes(packed)
    with pytest.raises(InputError, match="does not read"):
        read_header(tmp_path / "run.dtseries.nii.gz")


def test_older_versions_and_other_formats_are_named(tmp_path, whole):
    raw = whole.read_bytes()
    assert raw.count(b'<CIFTI Version="2.0"') == 1
    (tmp_path / "old.dtseries.nii").write_bytes(raw.replace(b'<CIFTI Version="2.0"', b'<CIFTI Version="1.0"'))
    with pytest.raises(InputError, match="got CIFTI-1, expected a whole CIFTI-2 dtseries: convert it with wb_command"):
        read_run(tmp_path / "old.dtseries.nii")
    for name in ("volume.nii", "volume.dtseries.nii.gz"):
        nibabel.save(nibabel.Nifti1Image(np.zeros((2, 2, 2, 3)), np.eye(4)), tmp_path / name)
        with pytest.raises(InputError, match=f"{name}: got a Nifti1Image, expected a CIFTI dtseries"):
            read_run(tmp_path / name)


@pytest.mark.parametrize("claimed", [2, 4, 10**6, -1])
def test_a_header_that_claims_another_number_of_volumes_is_named(tmp_path, whole, claimed):
    raw = bytearray(whole.read_bytes())
    struct.pack_into("<q", raw, 16 + 8 * 5, claimed)  # dim[5] of a NIfTI-2 header
    (tmp_path / "run.dtseries.nii").write_bytes(raw)
    with pytest.raises(InputError, match=r"run.dtseries.nii: got .*expected"):
        read_run(tmp_path / "run.dtseries.nii")


def test_more_than_the_memory_holds_is_refused_before_it_is_read(whole, monkeypatch, tmp_path):
    import psutil

    few = type("Memory", (), {"available": 10**5})
    monkeypatch.setattr(psutil, "virtual_memory", lambda: few)
    with pytest.raises(TooLargeError, match="run.dtseries.nii: got 0.0 GB"):
        read_run(whole)
    (tmp_path / "run.dtseries.nii.gz").write_bytes(gzip.compress(whole.read_bytes(), 1))
    with pytest.raises(TooLargeError):
        read_header(tmp_path / "run.dtseries.nii.gz")


def test_pipes_folders_and_empty_files_are_named(tmp_path):
    os.mkfifo(tmp_path / "pipe.dtseries.nii")
    (tmp_path / "folder.dtseries.nii").mkdir()
    (tmp_path / "empty.dtseries.nii").touch()
    for name, kind in (("pipe", "no plain file"), ("folder", "a folder"), ("empty", "an empty file")):
        with pytest.raises(InputError, match=f"{name}.dtseries.nii: got {kind}, expected a whole CIFTI-2 dtseries"):
            read_run(tmp_path / f"{name}.dtseries.nii")


def wave(times, period):
    return 10_000 + np.sin(2 * np.pi * times / period)


@pytest.mark.parametrize("step", [0.72, 0.8, 1.0, 1.5, 2.2, 3.0])
def test_resampled_runs_are_what_the_signal_is_at_even_seconds(step):
    times = step * np.arange(round(200 / step))
    slow = series.resampled(wave(times, 25)[:, None].astype(np.float64), step)[:, 0]
    even = 2.0 * np.arange(series.n_resampled(len(times), step))
    assert len(slow) == len(even) and times[-1] - 2 < even[-1] <= times[-1] + 1e-9
    inside = (even > 20) & (even < even[-1] - 20)
    assert np.abs(slow - wave(even, 25))[inside].max() < 0.02
    assert np.abs(slow - wave(even, 25)).max() < 0.5  # no steps at the ends


def test_what_would_alias_is_taken_out():
    times = 0.5 * np.arange(800)
    fast = series.resampled(wave(times, 2.1)[:, None], 0.5)[:, 0]  # taken every 2 s: a period of 42 s
    assert np.ptp(wave(times, 2.1)[::4]) > 1.9 and np.ptp(fast[10:-10]) < 0.1


def test_a_step_of_two_seconds_stays_as_it_is_and_odd_ones_are_named(tmp_path):
    run = np.random.default_rng(0).standard_normal((9, 2), np.float32)
    assert series.resampled(run, 2.00001) is run and series.resampled(run, 0.8).dtype == np.float32
    for step in (0.05, 720):
        path = written(tmp_path / "run.dtseries.nii", small(), times=SeriesAxis(0, step, N_VOLUMES))
        with pytest.raises(InputError, match=f"got {step} s between volumes, expected 0.1 to 5 s"):
            read_run(path, INDEX, resample=True)


def test_volumes_are_dropped_before_the_run_is_resampled(tmp_path):
    axis, times = cortex(LEFT[:3], RIGHT[:3]), 0.8 * (np.arange(60) - 5)
    values = (wave(times, 20)[:, None] * np.ones(6)).astype(np.float32)
    path = written(tmp_path / "run.dtseries.nii", axis, values, SeriesAxis(0, 0.8, 60))
    run = read_run(path, np.arange(3), drop_first=5, resample=True)
    assert run.shape == (22, 3) and np.abs(run[3:-3, 0] - wave(2.0 * np.arange(22), 20)[3:-3]).max() < 0.03

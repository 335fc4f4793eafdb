"""Simulated experiments: known truth, honest noise, and the same data whichever way they are made."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial

import numpy as np
import psutil
import pytest

from neuroclips.brain.cortex import load_cortex, load_edges
from neuroclips.loop import statistics
from neuroclips.paths import ROOT
from neuroclips.preprocessing import build as build_module
from neuroclips.preprocessing.build import build
from neuroclips.preprocessing.clean import PreprocessConfig, detrend
from neuroclips.preprocessing.layout import FILMS, LEAD, N_VOLUMES, N_VOXELS
from neuroclips.preprocessing.meta import is_complete
from neuroclips.simulation import areas, encoding, noise
from neuroclips.simulation import simulate as simulate_module
from neuroclips.simulation.features import SEMANTIC_NAMES, Features, film_features, pyramid
from neuroclips.simulation.recovery import recovery
from neuroclips.simulation.simulate import Scanner, simulate
from neuroclips.simulation.subjects import NULL, SUBJECTS, Truth, draw_truth, kept_vertices, responsive

TRAINING = FILMS[:18]


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    """Subject 1 and the null subject, all training films, at the shipped density."""
    return simulate([1, NULL], tmp_path_factory.mktemp("simulated"), TRAINING)


@pytest.fixture(scope="module")
def scanner():
    return Scanner(1)


def test_what_is_stored_for_short_films_is_what_the_scanner_has(scanner, data):
    """assets/loop was made of the calibration film and of runs of the training films."""
    here = np.searchsorted(scanner.vertex_index[scanner.encoder.rows], data.vertex_index(1))
    scale, runs = statistics.scale_of(1), statistics.runs_of(1)
    np.testing.assert_allclose(scale.gain, scanner.encoder.scale.gain[here], rtol=2e-3)
    for kind, spread in scale.spread.items():
        np.testing.assert_allclose(spread, scanner.encoder.scale.spread[kind][here], rtol=2e-3)
        np.testing.assert_allclose(scale.columns[kind][0], scanner.encoder.scale.columns[kind][0], rtol=1e-5, atol=1e-6)
    run = scanner.run("seg1", 1)[:, np.searchsorted(scanner.vertex_index, data.vertex_index(1))]
    assert np.median(detrend(run).std(0) / runs.std) == pytest.approx(1, rel=0.05)


def selection(home):
    with np.load(home / "selection.npz") as stored:
        return dict(stored)


def test_the_selection_test_finds_what_responds(experiment):
    meta = json.loads((experiment / "subject1" / "meta.json").read_text())
    assert meta["n_voxels"] == pytest.approx(N_VOXELS[1] / 4, rel=0.15)
    seeing = responsive()[np.load(experiment / "subject1" / "vertex_index.npy")]
    assert (~seeing).sum() <= 5


def test_the_null_subject_passes_nowhere(experiment):
    meta, chosen = json.loads((experiment / "null" / "meta.json").read_text()), selection(experiment / "null")
    assert meta["n_passed"] <= 5 and meta["n_voxels"] > 3000  # it keeps vertices, so that it can be decoded, in vain
    assert abs(np.tanh(chosen["z"]).mean()) < 0.003


def test_reliability_falls_from_early_to_higher_to_other_areas(experiment):
    chosen = selection(experiment / "subject1")
    area = load_cortex().area[chosen["tested"]]
    early, higher = np.isin(area, ["V1", "V2", "V3"]), np.isin(area, list(areas.SEMANTIC))
    means = [np.tanh(chosen["z"][here].mean()) for here in (early, higher, ~responsive()[chosen["tested"]])]
    assert means[0] > means[1] + 0.02 > means[2] + 0.1 and abs(means[2]) < 0.01


def test_receptive_fields_are_found_again(experiment):
    home = experiment / "subject1"
    samples = np.load(home / "train_fmri.npy").mean(1)
    found = recovery(samples, np.load(home / "vertex_index.npy"), TRAINING, Truth.load(home / "truth.npz"))
    assert min(found["V1"]["x"], found["V1"]["y"]) > 0.9 and min(found["V3"]["x"], found["V3"]["y"]) > 0.8


def test_a_second_run_changes_nothing(experiment):
    before = {p.name: p.stat().st_mtime_ns for p in (experiment / "subject1").glob("*.npy")}
    simulate([1], experiment, TRAINING)
    assert before == {p.name: p.stat().st_mtime_ns for p in (experiment / "subject1").glob("*.npy")} and before


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_truth(tmp_path, monkeypatch):
    """The second time with an empty cache: films are watched and calibrated anew."""
    monkeypatch.setattr(simulate_module, "build", partial(build, n_processes=1))  # two are tested elsewhere
    for name in ("a", "other", "b"):
        if name == "b":
            monkeypatch.setenv("NEUROCLIPS_CACHE", str(tmp_path / "cache"))
        simulate([1], tmp_path / name, ["seg1", "test1"], seed=int(name == "other"))
    files = ("train_fmri.npy", "test_fmri.npy", "vertex_index.npy", "selection.npz", "truth.npz")
    same = [
        (tmp_path / "a" / "subject1" / f).read_bytes() == (tmp_path / "b" / "subject1" / f).read_bytes() for f in files
    ]
    assert all(same)
    for file in ("train_fmri.npy", "truth.npz"):
        assert (tmp_path / "a" / "subject1" / file).read_bytes() != (
            tmp_path / "other" / "subject1" / file
        ).read_bytes()
    simulate([1], tmp_path / "a", ["seg1", "test1"], seed=1)  # over the first: fMRI and truth are both replaced
    for file in files:
        assert (tmp_path / "a" / "subject1" / file).read_bytes() == (
            tmp_path / "other" / "subject1" / file
        ).read_bytes()


def test_a_stopped_build_leaves_nothing_that_loads_and_goes_on(scanner, tmp_path, monkeypatch):
    films, config = ["seg1", "test1"], PreprocessConfig(alpha=1.0)
    real, written = build_module._write_samples, []

    def stop_at_the_test_film(work, film, kept):
        if film == "test1":
            raise KeyboardInterrupt
        return real(work, film, kept)

    monkeypatch.setattr(build_module, "_write_samples", stop_at_the_test_film)
    with pytest.raises(KeyboardInterrupt):
        build(scanner, films, tmp_path, config, n_processes=1)
    assert not is_complete(tmp_path) and not list(tmp_path.glob("*.npy"))
    monkeypatch.setattr(build_module, "_write_samples", real)
    monkeypatch.setattr(
        build_module, "save_array", lambda path, array: (written.append(path.name), np.save(path, array))
    )
    build(scanner, films, tmp_path, config, n_processes=1)
    assert is_complete(tmp_path) and written == ["test1.npy", "vertex_index.npy"]  # what was done is not done again
    assert not list(tmp_path.glob("parts-*"))


def test_a_quarter_is_part_of_the_whole():
    """The same vertices hold the same noise and signal at either density."""
    quarter, full = Scanner(1, "quarter"), Scanner(1, "full")
    assert len(quarter.vertex_index) == 14_853 and len(full.vertex_index) == 59_412
    same = full.volumes("seg1", 1)[:, quarter.vertex_index]
    assert np.allclose(quarter.volumes("seg1", 1), same, atol=2e-3)


@pytest.mark.skipif(os.name == "nt", reason="no such signals")
def test_a_killed_or_interrupted_run_ends_at_once_and_goes_on(tmp_path):
    """SIGKILL, and then Ctrl-C, twice, as impatient people press it, while two processes are at work."""
    command = [sys.executable, "-m", "neuroclips", "simulate", "--subjects", "1", "--films", "seg1,seg2,test1"]
    command += ["--out", str(tmp_path)]
    heard = partial(signal.signal, signal.SIGINT, signal.default_int_handler)  # though a shell's "&" has it ignored
    pipes = {"stderr": subprocess.PIPE, "stdout": subprocess.DEVNULL, "text": True}
    for during, signals in (("repeats", [signal.SIGKILL]), ("samples", [signal.SIGINT] * 2)):
        run = subprocess.Popen(command, cwd=ROOT, preexec_fn=heard, **pipes)
        for line in iter(lambda: run.stderr.read(20), ""):  # noqa: B023
            if during in line:
                break
        children = psutil.Process(run.pid).children(recursive=True)
        for number in signals:
            run.send_signal(number)
            time.sleep(0.3)
        run.communicate(timeout=30)
        assert run.returncode != 0 and not is_complete(tmp_path / "subject1")
        assert len(children) >= 2 and not psutil.wait_procs(children, timeout=10)[1]
    assert subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0
    assert not list(tmp_path.rglob(".part-*"))  # what was half-written is swept
    assert is_complete(tmp_path / "subject1") and np.load(tmp_path / "subject1" / "test_fmri.npy").shape == (
        240,
        10,
        14_853,
    )


def test_what_fails_leaves_the_dataset_that_was_there(scanner, tmp_path):
    films = ["seg1", "seg2"]
    build(scanner, films, tmp_path, PreprocessConfig(alpha=1.0), n_processes=1)
    for bad in (PreprocessConfig(delay=3.0), PreprocessConfig(alpha=0.05)):
        with pytest.raises(ValueError):
            build(scanner, films, tmp_path, bad, n_processes=1)
        assert is_complete(tmp_path) and np.load(tmp_path / "train_fmri.npy").shape[0] == 480
        assert not list(tmp_path.glob("parts-*"))


def test_subjects_and_densities_that_do_not_exist_are_named():
    with pytest.raises(ValueError, match="expected some of 1, 2, 3, null"):
        simulate([7])
    with pytest.raises(ValueError, match="expected one of: full, quarter"):
        kept_vertices(1, "half")


def test_areas_without_a_model_only_make_noise():
    truth, area = draw_truth(2), load_cortex().area
    assert (truth.snr[area == "V1"] > 0).all() and (truth.snr[area == "3b"] == 0).all()
    assert set(areas.RESPONSIVE) <= set(area) and (draw_truth(NULL).snr == 0).all()


def test_areas_prefer_what_they_are_known_for():
    truth, area = draw_truth(3), load_cortex().area
    weight = dict(zip(SEMANTIC_NAMES, truth.semantic, strict=True))
    assert weight["face"][area == "FFC"].mean() > 0.4 and abs(weight["coffee cup"][area == "FFC"].mean()) < 0.3
    assert weight["scene forest"][np.isin(area, ["PHA1", "PHA2", "PHA3"])].mean() > 0.4
    assert weight["body"][area == "TPOJ1"].mean() > 0.4


def test_bold_peaks_three_to_six_seconds_after_the_film(scanner):
    rows = 480
    film = Features(
        np.zeros((rows, pyramid().nfilters), np.float32),
        np.zeros((rows, len(scanner.encoder.weights["colour"])), np.float32),
        np.zeros((rows, len(SEMANTIC_NAMES)), np.float32),
    )
    film.colour[101] = 1.0  # one bright second
    dark = Features(film.energy, np.zeros_like(film.colour), film.semantic)
    bold = np.abs(scanner.encoder.bold(film) - scanner.encoder.bold(dark))
    peak = bold[:, bold.max(0) > 1e-3].argmax(0)  # volume
    seconds = 2 * (peak - LEAD) + 1 - 101
    assert 3 <= np.median(seconds) <= 6


def test_noise_is_what_it_says():
    model = noise.NoiseModel.build(np.arange(0, 59_412, 40), seed=5)
    run = model.draw(N_VOLUMES, (1, 2, 3))
    assert np.array_equal(run, model.draw(N_VOLUMES, (1, 2, 3))) and not np.array_equal(
        run, model.draw(N_VOLUMES, (1, 2, 4))
    )
    flat = run - run.mean(0)
    assert np.corrcoef(flat[1:].ravel(), flat[:-1].ravel())[0, 1] > 0.2  # AR(1) and drift
    pairs = load_edges()[::400]
    run = noise.NoiseModel.build(pairs.ravel(), seed=5).draw(N_VOLUMES, (1, 2, 3)).reshape(N_VOLUMES, -1, 2)
    neighbours = np.mean([np.corrcoef(run[:, i].T)[0, 1] for i in range(len(pairs))])
    strangers = np.mean([np.corrcoef(run[:, i, 0], run[:, -1 - i, 1])[0, 1] for i in range(len(pairs) // 2)])
    assert abs(strangers) < 0.04 and neighbours > strangers + 0.08  # the spatially smooth part
    gains = [noise.gain(N_VOLUMES, (1, 2, r)).mean() for r in range(200)]
    assert np.mean(gains) == pytest.approx(1, abs=0.05) and np.std(gains) == pytest.approx(noise.GAIN, rel=0.3)


def test_same_seed_same_brain():
    """In processes of their own: the order of a set of names changes with the hash seed."""
    code = (
        "import hashlib; from neuroclips.simulation.subjects import draw_truth; t = draw_truth(2);"
        "print(hashlib.sha256(b''.join(v.tobytes() for v in vars(t).values())).hexdigest())"
    )
    digests = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert digests[0] and digests[0] == digests[1]


def test_subjects_differ():
    one, two = draw_truth(1), draw_truth(2)
    assert SUBJECTS[1].seed != SUBJECTS[2].seed and not np.allclose(one.semantic, two.semantic)
    assert np.array_equal(one.eccentricity[load_cortex().area == "V1"], two.eccentricity[load_cortex().area == "V1"])


def test_film_features_have_one_row_a_second():
    made = film_features("train", 0, n_trs=4)
    assert made.energy.shape == (8, pyramid().nfilters) and made.colour.shape[0] == 8
    assert made.semantic.max() > 0 and np.isfinite(made.energy).all()


def test_the_hrf_of_a_long_block_is_flat_in_its_middle():
    kernel = encoding._convolution(480, -1.0)
    block = kernel @ np.ones(480, np.float32)
    assert kernel.shape == (N_VOLUMES, 480) and block[40:200].std() < 1e-3 * abs(block[100])


@pytest.fixture(scope="module", autouse=True)
def _clean(tmp_path_factory):
    yield
    shutil.rmtree(tmp_path_factory.getbasetemp() / "simulated0", ignore_errors=True)

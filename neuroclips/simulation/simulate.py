"""Run the simulated experiment: a scanner that shows films to a simulated brain, and the datasets it writes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import fields
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from neuroclips import parallel
from neuroclips.brain.cortex import load_cortex
from neuroclips.disk import expect_folder
from neuroclips.errors import InputError
from neuroclips.files import save_arrays, whole_file, write_json
from neuroclips.kept import kept_file
from neuroclips.paths import CACHE_VERSION, cache_dir
from neuroclips.preprocessing import cifti
from neuroclips.preprocessing.build import build
from neuroclips.preprocessing.clean import PreprocessConfig
from neuroclips.preprocessing.layout import FILMS, LEAD, N_VOLUMES, REPEATS, kind_of, run_length, run_path
from neuroclips.preprocessing.raw import SIMULATED
from neuroclips.reading import read_arrays, read_json
from neuroclips.simulation.encoding import Encoder
from neuroclips.simulation.features import Features, film_features
from neuroclips.simulation.noise import NoiseModel, gain
from neuroclips.simulation.subjects import NULL, SUBJECTS, draw_truth, kept_vertices, responsive, subject_name

ENOUGH = 6  # training films without which the selection test finds nothing: every vertex is kept instead
BASELINE, UNIT = 10_000.0, 100.0  # of the raw files: mean signal, and one standard deviation of noise


class Scanner:
    """Runs of one simulated subject; the same subject, seed, film and repeat give the same run at any density."""

    def __init__(self, subject: int, density: str = "quarter", seed: int = 0):
        self.subject, self.density, self.seed = subject, density, seed
        self.vertex_index = kept_vertices(subject, density, seed)
        self.truth = draw_truth(subject, seed)
        here = self.truth.at(self.vertex_index)
        area = load_cortex().area[self.vertex_index]
        self.encoder = None if subject == NULL else Encoder(here, area, features("calibration", 0))
        self.snr = here.snr[here.snr > 0]
        self.noise = NoiseModel.build(self.vertex_index, SUBJECTS[subject].seed + 1000 * seed)
        self.about = {"dataset": "simulated", "subject": subject_name(subject), "density": density, "seed": seed}
        self.key = hashlib.sha256(json.dumps([CACHE_VERSION, self.about, vars(SUBJECTS[subject])]).encode()).hexdigest()

    @property
    def keep(self) -> np.ndarray | None:
        """The null subject keeps the areas that see in others, for nothing of it passes the test."""
        return np.flatnonzero(responsive()[self.vertex_index]) if self.subject == NULL else None

    def repeats(self, film: str) -> list[int]:
        return list(range(1, REPEATS[kind_of(film)[0]] + 1))

    def volumes(self, film: str, repeat: int) -> np.ndarray:
        """All volumes of a run (N_VOLUMES, n_vertices), in units of the noise's standard deviation, float32."""
        seed = (SUBJECTS[self.subject].seed, self.seed, FILMS.index(film), repeat)
        run = self.noise.draw(N_VOLUMES, seed)
        if self.encoder:
            run[:, self.encoder.rows] += self.snr * gain(N_VOLUMES, seed)[:, None] * _noise_free(self.encoder, film)
        return run

    def run(self, film: str, repeat: int) -> np.ndarray:
        return self.volumes(film, repeat)[LEAD:]


@lru_cache(maxsize=1)
def _noise_free(encoder: Encoder, film: str) -> np.ndarray:
    return encoder.bold(features(*kind_of(film)))


def _features_path(kind: str, film: int) -> Path:
    return cache_dir("features") / f"{kind}{film:02d}.npz"


def features(kind: str, film: int) -> Features:
    """Features of a film, kept in the cache folder."""
    path = _features_path(kind, film)

    def make() -> None:
        save_arrays(path, **vars(film_features(kind, film)))

    return Features(**kept_file(path, make, partial(read_arrays, names=[field.name for field in fields(Features)])))


def watch(films: Sequence[str]) -> None:
    """Make the features of films and of the calibration film that are not there yet, on all cores."""
    wanted = [("calibration", 0), *(kind_of(f) for f in films)]
    missing = [w for w in wanted if not _features_path(*w).exists()]
    if missing:
        work = parallel.each(_watch_one, missing, os.cpu_count() or 1)
        list(tqdm(work, total=len(missing), desc="watching films", unit="film"))


def _watch_one(film: tuple[str, int]) -> None:
    features(*film)


def simulate(
    subjects: Sequence[int],
    out: Path | None = None,
    films: Sequence[str] = FILMS,
    density: str = "quarter",
    seed: int = 0,
    exclude_validation: bool = False,
) -> Path:
    """Write one folder per subject ("subject1", ..., "null") to `out`, by default in the cache folder.

    Each holds what `build` writes and truth.npz, every parameter of every vertex. With fewer than ENOUGH training
    films there is no selection test; exclude_validation : see PreprocessConfig. Raises InputError for unknown subjects,
    films or densities.
    """
    out = expect_folder(Path(out or cache_dir("simulated")))
    for subject in _known(subjects):
        kept_vertices(subject, density, seed)  # an unknown density is refused before the long work
    watch(films)
    n_training = sum(kind_of(f)[0] == "train" for f in films)
    alpha = 0.05 if n_training >= ENOUGH else 1.0
    config = PreprocessConfig(alpha, exclude_validation=exclude_validation)
    for subject in subjects:
        scanner, home = Scanner(subject, density, seed), out / subject_name(subject)
        _write_truth(scanner, home)
        build(scanner, films, home, config)
    return out


def _write_truth(scanner: Scanner, home: Path) -> None:
    with whole_file(home / "truth.npz") as partial:
        scanner.truth.save(partial)


def simulate_raw(subjects: Sequence[int], out: Path, films: Sequence[str] = FILMS, seed: int = 0) -> Path:
    """Write CIFTI runs as the cc2017 download has them, at full density: 89 MB a run; runs that exist are kept."""
    _known(subjects)
    expect_folder(out)
    watch(films)
    for subject in subjects:
        scanner, home = Scanner(subject, "full", seed), Path(out) / subject_name(subject)
        _claim(home, scanner.key)
        _write_truth(scanner, home)
        runs = [(film, repeat) for film in films for repeat in scanner.repeats(film)]
        for film, repeat in tqdm(runs, desc=f"{subject_name(subject)}: raw runs", unit="run"):
            path = run_path(out, subject_name(subject), film, repeat)
            if not path.exists():
                _write_run(scanner, film, repeat, path)
    return Path(out)


def _claim(home: Path, key: str) -> None:
    """Mark a folder of raw runs as those of one simulated subject and seed. Raises InputError if it is another's."""
    mark = home / SIMULATED
    if mark.exists() and read_json(mark).get("key") != key:
        raise InputError(
            f"got runs of another seed or version in {home}, expected an empty folder: choose another --out"
        )
    write_json(mark, {"key": key, "note": "simulated runs, not measured ones"})


def _write_run(scanner: Scanner, film: str, repeat: int, path: Path) -> None:
    volumes = BASELINE + UNIT * scanner.volumes(film, repeat)[N_VOLUMES - run_length(film) :]
    rng = np.random.default_rng([SUBJECTS[scanner.subject].seed, scanner.seed, FILMS.index(film), repeat, 77])
    with whole_file(path) as partial:
        cifti.write_run(partial, volumes, rng)


def _known(subjects: Sequence[int]) -> Sequence[int]:
    unknown = [s for s in subjects if s not in SUBJECTS]
    if unknown:
        raise InputError(f"got subjects {unknown}, expected some of 1, 2, 3, null")
    return subjects

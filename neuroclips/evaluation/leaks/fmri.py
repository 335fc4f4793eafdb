"""Leaks of fMRI: which films chose the voxels, and over what means and spreads were taken."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from neuroclips.data.simulated import is_made
from neuroclips.evaluation.leaks.check import Check
from neuroclips.evaluation.middles import middles
from neuroclips.paths import cache_dir
from neuroclips.preprocessing.build import choosing
from neuroclips.preprocessing.clean import PreprocessConfig, repeat_correlation, select_voxels
from neuroclips.preprocessing.layout import N_SAMPLES, kind_of, n_validation
from neuroclips.preprocessing.meta import read_meta
from neuroclips.reading import read_array
from neuroclips.reconstructors import weights
from neuroclips.simulation.subjects import subject_name
from neuroclips.zoo import zoo_named

ROUNDING = 0.01  # of a mean or a spread in float32
TEST, VALIDATION = "Test films chose no voxel", "Validation films chose no voxel"
SCALED, CENTRED = "Every run is z-scored by itself", "The mean token is that of the training films"


def checks(subjects: Sequence[int]) -> list[Check]:
    """Of each subject that `simulate` left in the cache, and of the models of all."""
    homes = [cache_dir("simulated") / subject_name(subject) for subject in subjects if is_made(subject)]
    rows = [row for home in homes for row in (*selection(home), scaling(home))]
    if lacking := [subject for subject in subjects if not is_made(subject)]:
        names = ",".join(map(str, lacking))
        why = f"Subjects {names} are not in the cache: python -m neuroclips simulate --subjects {names}, then again."
        rows += [Check(check, None, why) for check in (TEST, VALIDATION, SCALED)]
    known = np.mean([_centre_of(subject) for subject in subjects], 0)
    return [*rows, centre(known, middles("train").film_tokens, middles("test").film_tokens)]


def selection(home: Path) -> list[Check]:
    """Which films had a say in the voxels of a dataset, and which voxels training films alone would have kept.

    That no test film had one is seen, not believed: the test over the training films that had one keeps every voxel.
    """
    meta = read_meta(home, reported=True)
    training = [film for film in meta["films"] if kind_of(film)[0] == "train"]
    held = training[len(training) - n_validation(len(training)) :]
    asked = choosing(training, PreprocessConfig(exclude_validation=meta.get("exclude_validation", False)))
    agree, n_voxels = _agreement(home, len(training)), meta["n_voxels"]
    again, without = (_passing(agree[:n], meta) for n in (len(asked), len(training) - len(held)))
    chosen = [film for film in held if film in asked]
    test = Check(
        f"{TEST} ({meta['subject']})",
        again == n_voxels,
        f"{len(asked)} training films chose {n_voxels:,} of {meta['n_tested']:,} voxels; the test over them alone, "
        f"done again, keeps {again:,} of these.",
    )
    told = f"{', '.join(chosen) or 'No validation film'} had a say in the choice of voxels"
    advice = "; simulate and preprocess leave them out with --exclude-validation" * bool(chosen)
    kept = f"The other {len(training) - len(held)} training films alone keep {without:,} of the {n_voxels:,}"
    return [test, Check(f"{VALIDATION} ({meta['subject']})", not chosen, f"{told}. {kept}{advice}.")]


def _agreement(home: Path, n_films: int) -> np.ndarray:
    """Correlation (n_films, n_voxels) of the two showings of each training film."""
    samples = read_array(home / "train_fmri.npy", mapped=True)
    runs = (samples[film * N_SAMPLES : (film + 1) * N_SAMPLES] for film in range(n_films))
    return np.stack([repeat_correlation(run[:, 0], run[:, 1]) for run in runs])


def _passing(agreement: np.ndarray, meta: dict) -> int:
    """How many voxels of a dataset, `agreement` (n_films, n_voxels), pass its test among all that were tested."""
    alpha = meta["alpha"] * agreement.shape[1] / meta["n_tested"]
    return len(select_voxels(agreement, alpha, meta["one_sided"]).kept)


def scaling(home: Path) -> Check:
    """Whether means and spreads of test runs are their own: then none came from training runs, nor went there."""
    samples, worst = read_array(home / "test_fmri.npy", mapped=True), 0.0
    for first in range(0, len(samples), N_SAMPLES):
        run = np.asarray(samples[first : first + N_SAMPLES, 0], np.float64)  # the first showing of a film
        worst = max(worst, np.abs(run.mean(0)).max(), np.abs(run.std(0, ddof=1) - 1).max())
    n = len(samples) // N_SAMPLES
    found = f"In {n} test runs no mean is farther from 0, and no spread from 1, than {worst:.1g}."
    return Check(f"{SCALED} ({home.name})", bool(worst < ROUNDING), found)


def centre(known: np.ndarray, train: np.ndarray, test: np.ndarray) -> Check:
    """Whether the mean token that decoders know is nearer to that of the training films than to that of others.

    known : (n_tokens, clip_dim). train, test : (n_films, n_tokens, clip_dim), mean tokens of middle frames.
    """
    n = len(train) - n_validation(len(train))
    means, spread = {"training": train[:n], "validation": train[n:], "test": test}, train[:n].std(0).mean()
    away = {name: float(np.sqrt(np.square(known - some.mean(0)).mean()) / spread) for name, some in means.items()}
    told = ", ".join(f"{distance:.2f} from that of the {name} films" for name, distance in away.items())
    passed = min(away, key=lambda name: away[name]) == "training"
    return Check(CENTRED, passed, f"It lies {told}, in units of the spread between training films.")


def _centre_of(subject: int) -> np.ndarray:
    return weights.load(zoo_named().part("semantic").of(subject).folder).centre.numpy()

"""Run the simulated experiment: films and brains in, z-scored samples in the shape of cc2017 out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from tqdm import tqdm

from neuroclips.data import preprocess
from neuroclips.paths import cache_dir
from neuroclips.simulation import brains
from neuroclips.simulation.features import Features, film_features
from neuroclips.simulation.films import FILM_COUNT, N_TR

REPEATS = {"train": 2, "test": 10}
DELAY = 2  # volumes: 4 s
FILMS = [(kind, film) for kind, count in FILM_COUNT.items() for film in range(count)]


def simulate(subjects: Sequence[int], out: Path | None = None) -> Path:
    """Write subject{S}.npz for each subject to `out` (default: the cache folder), skipping those that are there.

    Each file holds train_fmri (4320, 2, n_voxels), test_fmri (1200, 10, n_voxels) and vertex_index (n_voxels,).
    """
    unknown = [s for s in subjects if s not in brains.SUBJECTS]
    if unknown:
        raise ValueError(f"got subjects {unknown}, expected some of {sorted(brains.SUBJECTS)}")
    out = Path(out or cache_dir("simulated"))
    out.mkdir(parents=True, exist_ok=True)
    missing = [s for s in subjects if not (out / f"subject{s}.npz").exists()]
    features = all_features() if missing else {}
    for subject in missing:
        _save(out / f"subject{subject}.npz", **scan(subject, features))
    return out


def _save(path: Path, **arrays: np.ndarray) -> None:
    partial = path.with_suffix(".part.npz")
    np.savez(partial, **arrays)
    partial.rename(path)  # an interrupted write never leaves a half file under the final name


def all_features() -> dict[tuple[str, int], Features]:
    """Features of every film, computed on all cores and kept in the cache folder."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        work = pool.map(_cached_features, FILMS)
        return dict(zip(FILMS, tqdm(work, total=len(FILMS), desc="watching films"), strict=True))


def _cached_features(key: tuple[str, int]) -> Features:
    path = cache_dir("features") / f"{key[0]}{key[1]}.npz"
    if not path.exists():
        features = film_features(*key)
        _save(path, energy=features.energy, colour=features.colour, semantic=features.semantic)
    with np.load(path) as stored:
        return Features(**stored)


def scan(subject: int, features: dict[tuple[str, int], Features]) -> dict[str, np.ndarray]:
    """Both repeats of the training films, ten of the test films, and the voxels that the paper's test keeps."""
    config = brains.SUBJECTS[subject]
    brain = brains.draw_brain(config)
    training = [features["train", f] for f in range(FILM_COUNT["train"])]
    scale = tuple(_scale(np.stack(column)) for column in zip(*training, strict=True))
    brain = _balance(brain, training, scale)
    bold = {key: brains.predict(brain, f, scale) for key, f in tqdm(features.items(), desc=f"subject {subject}: BOLD")}
    brain = brains.unit_scale(brain, [bold["train", f] for f in range(FILM_COUNT["train"])])
    bold = {key: brains.predict(brain, f, scale) for key, f in features.items()}
    rng = np.random.default_rng([config.seed, 7])

    def runs(kind: str, film: int) -> np.ndarray:
        repeats = [brains.add_noise(bold[kind, film], brain.snr, rng) for _ in range(REPEATS[kind])]
        return np.stack([_clean(r) for r in repeats], 1)  # (240, n_repeats, n_vertices)

    train = [runs("train", f) for f in tqdm(range(FILM_COUNT["train"]), desc=f"subject {subject}: training runs")]
    kept = preprocess.select_voxels(np.stack([preprocess.repeat_correlation(r[:, 0], r[:, 1]) for r in train]))
    test = [runs("test", f)[..., kept] for f in tqdm(range(FILM_COUNT["test"]), desc=f"subject {subject}: test runs")]
    return {
        "train_fmri": np.concatenate([r[..., kept] for r in train]).astype(np.float16),
        "test_fmri": np.concatenate(test).astype(np.float16),
        "vertex_index": brain.vertex_index[kept],
    }


def _scale(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and std of feature columns (n_films, n_rows, n_columns); what training never shows gets a typical std."""
    std = columns.std((0, 1))
    return columns.mean((0, 1)), np.where(std > 1e-6, std, np.median(std[std > 1e-6])).astype(np.float32)


def _balance(brain: brains.Brain, training: list[Features], scale) -> brains.Brain:
    """Give each kind of feature the same variance in each vertex before they are added."""
    balanced = []
    for kind, ((mean, std), weights) in enumerate(zip(scale, brain.weights, strict=True)):
        drive = np.concatenate([(tuple(f)[kind] - mean) / std @ weights for f in training[:4]])
        balanced.append(weights / np.maximum(drive.std(0), 1e-6) * (np.abs(weights).sum(0) > 0))
    return brains.Brain(brain.vertex_index, tuple(balanced), brain.latency, brain.snr)


def _clean(run: np.ndarray) -> np.ndarray:
    return preprocess.zscore(preprocess.detrend(preprocess.shift(run, N_TR, DELAY)))

"""Make assets/loop/statistics.npz: python -m neuroclips.loop.store. It needs the features of the simulated films."""

from __future__ import annotations

import numpy as np

from neuroclips.brain.cortex import load_cortex
from neuroclips.data.registry import load_dataset
from neuroclips.files import save_arrays
from neuroclips.film_size import film_pixels
from neuroclips.loop import statistics
from neuroclips.loop.cortex import DELAY
from neuroclips.loop.domain import EVERY, NAMES, distances, is_beyond, looked_at
from neuroclips.preprocessing.clean import detrend, shift
from neuroclips.preprocessing.layout import LEAD, N_SAMPLES, TR, n_validation
from neuroclips.simulation import films, shots
from neuroclips.simulation.encoding import Encoder
from neuroclips.simulation.features import FPS, KINDS, Features
from neuroclips.simulation.motion import pose
from neuroclips.simulation.simulate import Scanner, features
from neuroclips.simulation.subjects import Truth, draw_truth
from neuroclips.zoo import load_part, zoo_named

N_FILMS = shots.FILM_COUNT["train"]
N_LEARNED = N_FILMS - n_validation(N_FILMS)  # the last films are for validation
N_KEPT = 40  # principal components
TOGETHER = 20  # clips that are looked at at once
RUNS = range(0, N_FILMS, 3)  # of which the spread is taken
SHOTS = range(0, 4800, 40)  # tenths of a second of a film at which objects are measured


def of_subject(subject: int, calibration: Features) -> dict[str, np.ndarray]:
    """Scale and run statistics of the shipped voxels, over all training films."""
    index = load_dataset().vertex_index(subject)
    truth = _truth(subject, index)
    encoder = Encoder(truth, _area(index), calibration)
    scanner = Scanner(subject)
    here = np.searchsorted(scanner.vertex_index, index)
    means, spreads = [], []
    for film in range(N_FILMS):
        bold = encoder.bold(features("train", film))[LEAD + DELAY :][:N_SAMPLES]
        means.append((truth.snr * bold).mean(0))
        if film in RUNS:
            run = shift(scanner.run(f"seg{film + 1}", 1)[:, here], N_SAMPLES, DELAY)
            spreads.append(detrend(run.astype(np.float64)).std(0, ddof=1))
    found = {
        "spread": np.stack([encoder.scale.spread[kind] for kind in KINDS]),
        "gain": encoder.scale.gain,
        "run mean": np.mean(means, 0),
        "run std": np.mean(spreads, 0),
    }
    return {f"{subject}/{name}": values.astype(np.float16) for name, values in found.items()}


def of_films() -> dict[str, np.ndarray]:
    """Where the features of training films lie that are not for validation."""
    rows = np.concatenate(
        [np.concatenate([f.energy, f.colour], 1) for f in (features("train", film) for film in range(N_LEARNED))]
    )
    mean, std = rows.mean(0), rows.std(0)
    _, size, basis = np.linalg.svd((rows - mean) / std, full_matrices=False)
    sizes, seen = _sizes()
    found = {"mean": mean, "std": std, "basis": basis[:N_KEPT], "variance": size[:N_KEPT] ** 2 / len(rows)}
    found |= {"sizes": sizes, "seen": seen}
    return {
        f"films/{name}": values.astype(np.float16 if name == "basis" else np.float32) for name, values in found.items()
    }


def _sizes() -> tuple[np.ndarray, np.ndarray]:
    """Mean size of main things and companions, and how much of the scene is seen, in training films."""
    found: list[list[float]] = [[], []]
    seen = []
    for film in range(N_LEARNED):
        for time in SHOTS:
            shot = shots.shot_at("train", film, time / 10)
            places = [pose(shot, time / 10 - shot.start, which) for which in range(len(shot.names))]
            for which, place in enumerate(places):
                found[which].append(max(place.width, place.height))
            seen.append(1 - 0.8 * places[0].width * places[0].height)
    return np.array([np.mean(sizes) for sizes in found]), np.array(np.mean(seen))


def quantiles_of_validation() -> dict[str, np.ndarray]:
    """(101,) of every measure of `domain` over all clips of the validation films, and how many are beyond a cut."""
    judge, codec = (load_part(zoo_named(), role, "cpu") for role in ("frame judge", "codec"))
    rows: dict[str, list[np.ndarray]] = {name: [] for name in NAMES}
    for film in range(N_LEARNED, N_FILMS):
        seen = features("train", film)
        rows["distance"].append(distances(np.concatenate([seen.energy, seen.colour], 1)).reshape(N_SAMPLES, -1).mean(1))
        for tr in range(0, N_SAMPLES, TOGETHER):
            first, n_frames = tr * TR + EVERY / 2 / FPS, round(TOGETHER * TR * FPS / EVERY)
            frames = films.frames("train", film, first, n_frames, FPS / EVERY, film_pixels())
            for name, row in looked_at(frames, TOGETHER, judge, codec).items():
                rows[name].append(row)
    values = {name: np.concatenate(row) for name, row in rows.items()}
    quantiles = {name: np.percentile(row, np.arange(101)) for name, row in values.items()}
    beyond = [is_beyond(name, row, quantiles[name]) for name, row in values.items()]
    return {f"quantiles/{name}": row for name, row in quantiles.items()} | {"alarms": np.mean(np.any(beyond, 0))}


def store() -> None:
    """Write the file. What is like the training films is measured last, for it needs to know where these lie."""
    calibration, data = features("calibration", 0), load_dataset()
    index = data.vertex_index(1)
    found = dict[str, np.ndarray]()
    for kind, (mean, std) in Encoder(_truth(1, index), _area(index), calibration).scale.columns.items():
        found |= {f"{kind}/mean": mean, f"{kind}/std": std}
    for subject in data.info.n_voxels:
        found |= of_subject(subject, calibration)
    statistics.PATH.parent.mkdir(parents=True, exist_ok=True)
    for more in (of_films, quantiles_of_validation):
        found |= more()
        save_arrays(statistics.PATH, **found)
        statistics.stored.cache_clear()
        statistics.of_films.cache_clear()


def _truth(subject: int, index: np.ndarray) -> Truth:
    return draw_truth(subject).at(index)


def _area(index: np.ndarray) -> np.ndarray:
    return load_cortex().area[index]


if __name__ == "__main__":
    store()

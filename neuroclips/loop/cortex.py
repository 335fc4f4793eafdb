"""A film into a simulated cortex: noise-free responses, and what a scanner would measure of them.

What a short film lacks is told here. Its first second stands still for HELD seconds before it and its last one after
it, for responses are slow. It is z-scored by the mean and the spread of the runs of the training films, which all runs
of 8 min have about alike. Noise is a stretch of that of a run of 8 min, detrended as every run is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from neuroclips.brain.cortex import load_cortex
from neuroclips.data.registry import load_dataset
from neuroclips.errors import InputError
from neuroclips.loop.film import LONGEST, Film
from neuroclips.loop.statistics import OfRuns, of_films, runs_of, scale_of
from neuroclips.loop.told import Told
from neuroclips.preprocessing.clean import PreprocessConfig, detrend
from neuroclips.preprocessing.layout import LEAD, N_SAMPLES, N_VOLUMES, TR
from neuroclips.simulation.encoding import Encoder
from neuroclips.simulation.features import FPS, RENDERED, ROW, Features, of_pixels
from neuroclips.simulation.noise import NoiseModel, gain
from neuroclips.simulation.subjects import SUBJECTS, draw_truth

HELD = 8  # [s] before and after a film
DELAY = PreprocessConfig().delay_volumes
NO_FILM = 1000  # in the place of a film's number in the seed of noise, so that no run of the dataset has the same


@dataclass(frozen=True)
class SimulatedCortex:
    """The shipped voxels of a simulated subject, n of them, whose truth is known."""

    subject: int
    vertex_index: np.ndarray  # (n,) rows among the 59,412
    encoder: Encoder
    snr: np.ndarray  # (n,)
    runs: OfRuns

    def noise_free(self, film: Features, n_clips: int) -> np.ndarray:
        """z-scored samples (n_clips, n) as a scanner without noise would measure them; film : `features_of` one."""
        held = HELD // int(TR)
        bold = self.encoder.bold(film, held + n_clips + DELAY, 0)
        return (self.snr * bold[held + DELAY :] - self.runs.mean) / self.runs.std

    def measured(self, clean: np.ndarray, noise: float, repeats: int, seed: int = 0) -> np.ndarray:
        """The mean (n_clips, n) over repeats of `clean`, each with noise and with a gain of its own.

        noise : as many times that of the simulated subject; 0 leaves everything as it is.
        """
        if not noise:
            return clean
        level, drawn, gains = self.runs.mean / self.runs.std, *_noise(self.subject, seed, repeats)
        n_clips = len(clean)
        changing = (clean + level) * (gains[:, :n_clips].mean(0)[:, None] - 1)
        return clean + noise * (changing + drawn[:, :n_clips].mean(0) / self.runs.std)


@lru_cache(maxsize=3)
def cortex_of(subject: int) -> SimulatedCortex:
    """Raises InputError for a subject that no decoder is shipped of."""
    data = load_dataset()
    if subject not in data.info.n_voxels:
        known = ", ".join(map(str, data.info.n_voxels))
        raise InputError(f"got subject {subject}, expected one of the simulated subjects: {known}")
    index = data.vertex_index(subject)
    truth, area = draw_truth(subject).at(index), load_cortex().area[index]
    return SimulatedCortex(subject, index, Encoder(truth, area, scale_of(subject)), truth.snr, runs_of(subject))


def features_of(film: Film, told: Sequence[Told]) -> Features:
    """What a simulated brain sees of a film and is told of it, by seconds, HELD before and after it included."""
    energy, colour = seen(film.frames)
    about = of_films()
    semantic = np.repeat([one.axes(about.sizes, about.seen) for one in told], int(TR / ROW), 0)  # (n_seconds, n_names)
    return Features(*(np.pad(rows, ((HELD, HELD), (0, 0)), "edge") for rows in (energy, colour, semantic)))


def seen(frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Motion energy and colour of whole seconds of a film (n_frames, P, P, 3) uint8 at 8 fps.

    Before and after it the film runs backwards for a second, so that its ends are no cuts from and to black.
    """
    import torch
    from torch.nn.functional import interpolate

    pixels = torch.from_numpy(np.pad(frames, ((FPS, FPS), (0, 0), (0, 0), (0, 0)), "symmetric"))
    small = interpolate(pixels.movedim(-1, 1).float(), (RENDERED, RENDERED), mode="area").movedim(1, -1)
    energy, colour = of_pixels(small.round().byte().numpy())  # (n_frames, 64, 64, 3)
    return energy[1:-1], colour[1:-1]


def _noise(subject: int, seed: int, repeats: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise (repeats, LONGEST, n) of a stretch of so many runs, detrended, and their gains (repeats, LONGEST)."""
    drawn, gains = zip(*(_showing(subject, seed, repeat) for repeat in range(1, repeats + 1)), strict=True)
    return np.stack(drawn), np.stack(gains)


@lru_cache(maxsize=40)
def _showing(subject: int, seed: int, repeat: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise (LONGEST, n) of a stretch of one run, and its gains (LONGEST,)."""
    key = (SUBJECTS[subject].seed, seed, NO_FILM, repeat)
    run = detrend(_noise_model(subject).draw(N_VOLUMES, key)[LEAD + DELAY :][:N_SAMPLES].astype(np.float64))
    begin = int(np.random.default_rng([*key, 98]).integers(N_SAMPLES - LONGEST))
    return run[begin : begin + LONGEST].astype(np.float32), gain(N_VOLUMES, key)[LEAD + DELAY + begin :][:LONGEST]


@lru_cache(maxsize=3)
def _noise_model(subject: int) -> NoiseModel:
    return NoiseModel.build(load_dataset().vertex_index(subject), SUBJECTS[subject].seed)


def silenced(samples: np.ndarray, density: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Samples (n_clips, n) with a share `density` of the voxels, the others 0, and which are kept (n,) bool.

    A lower density of the same seed keeps some of the voxels of a higher one.
    """
    n_voxels = samples.shape[1]
    order = np.random.default_rng([seed, 31]).permutation(n_voxels)
    kept = np.zeros(n_voxels, bool)
    kept[order[: max(1, round(density * n_voxels))]] = True
    return np.where(kept, samples, 0).astype(np.float32), kept

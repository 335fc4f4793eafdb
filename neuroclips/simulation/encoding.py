"""From what a film holds to noise-free BOLD: an encoding model whose weights follow from the truth of a subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce

import numpy as np
from nilearn.glm.first_level import glover_hrf

from neuroclips.preprocessing.layout import LEAD, N_VOLUMES
from neuroclips.simulation.areas import EARLY, MOTION, SEMANTIC
from neuroclips.simulation.features import GRID, KINDS, ROW, Features, cell_places, pyramid
from neuroclips.simulation.shots import TR
from neuroclips.simulation.subjects import LATENCIES, SCREEN, Truth

FINE = 10  # HRF samples per second
HRF_SECONDS = 32


@dataclass(frozen=True)
class Scale:
    """What the calibration film sets, so that every kind of feature and every vertex varies as much as another."""

    columns: Mapping[str, tuple[np.ndarray, np.ndarray]]  # by kind: mean and spread (n_columns,) of features
    spread: Mapping[str, np.ndarray]  # by kind: of what drives a vertex (n_vertices,), 1 where nothing does
    gain: np.ndarray  # (n_vertices,)


class Encoder:
    """Feature weights of the vertices that respond.

    `rows` are positions among the vertices of `truth`; the scale of features and responses comes from `calibration`,
    or is what it gave for the same vertices before.
    """

    def __init__(self, truth: Truth, area: np.ndarray, calibration: Features | Scale):
        self.rows = np.flatnonzero(truth.snr > 0)
        pick = truth.at(self.rows)
        self.latency = np.abs(pick.latency[:, None] - LATENCIES).argmin(1)
        self.weights = _weights(pick, area[self.rows])
        self.scale = calibration if isinstance(calibration, Scale) else self._calibrated(calibration)
        for kind in KINDS:  # each kind of feature enters a vertex with equal variance
            self.weights[kind] /= self.scale.spread[kind]

    def _calibrated(self, film: Features) -> Scale:
        columns = {kind: _scale(getattr(film, kind)) for kind in KINDS}
        drive = {kind: _drive(film, kind, columns, self.weights) for kind in KINDS}
        spread = {kind: values.std(0) for kind, values in drive.items()}
        spread = {kind: np.where(values > 1e-6, values, 1).astype(np.float32) for kind, values in spread.items()}
        even = {kind: self.weights[kind] / spread[kind] for kind in KINDS}
        total = reduce(np.add, (_drive(film, kind, columns, even) for kind in KINDS))
        return Scale(columns, spread, 1 / np.maximum(self._convolved(total, N_VOLUMES, LEAD).std(0), 1e-6))

    def bold(self, features: Features, n_volumes: int = N_VOLUMES, lead: int = LEAD) -> np.ndarray:
        """Noise-free BOLD (n_volumes, len(rows)) of a run, of unit variance on the calibration film.

        The film begins with volume `lead`; volume v is acquired in the middle of its TR.
        """
        drive = reduce(np.add, (_drive(features, kind, self.scale.columns, self.weights) for kind in KINDS))
        return self._convolved(drive, n_volumes, lead) * self.scale.gain

    def _convolved(self, drive: np.ndarray, n_volumes: int, lead: int) -> np.ndarray:
        """What drives vertices, (n_rows, len(rows)), by the HRF of each: (n_volumes, len(rows))."""
        bold = np.zeros((n_volumes, drive.shape[1]), np.float32)
        for place in np.unique(self.latency):
            here = self.latency == place
            bold[:, here] = _convolution(len(drive), float(LATENCIES[place]), n_volumes, lead) @ drive[:, here]
        return bold


def _drive(features: Features, kind: str, columns: Mapping, weights: Mapping[str, np.ndarray]) -> np.ndarray:
    mean, std = columns[kind]
    return (getattr(features, kind) - mean) / std @ weights[kind]


@lru_cache(maxsize=64)
def _convolution(n_rows: int, latency: float, n_volumes: int = N_VOLUMES, lead: int = LEAD) -> np.ndarray:
    """Glover's HRF as a matrix (n_volumes, n_rows) from rows of one second to volumes."""
    hrf = glover_hrf(1 / FINE, oversampling=1, time_length=HRF_SECONDS, onset=latency)
    kernel = hrf[: HRF_SECONDS * FINE].reshape(HRF_SECONDS, FINE).mean(1)  # response to one second, by seconds after it
    since = (TR * (np.arange(n_volumes) - lead) + TR / 2)[:, None] - ROW * np.arange(n_rows)
    delay = np.floor(since - ROW / 2).astype(int)  # [s] since the middle of the row
    inside = (delay >= 0) & (delay < HRF_SECONDS)
    return np.where(inside, kernel[np.clip(delay, 0, HRF_SECONDS - 1)], 0).astype(np.float32)


def _scale(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and spread of feature columns (n_rows, n_columns); what calibration never shows gets a typical spread."""
    std = columns.std(0)
    return columns.mean(0), np.where(std > 1e-6, std, np.median(std[std > 1e-6])).astype(np.float32)


def _weights(truth: Truth, area: np.ndarray) -> dict[str, np.ndarray]:
    early, moving = np.isin(area, list(EARLY)), np.isin(area, list(MOTION))
    energy = np.zeros((pyramid().nfilters, len(area)), np.float32)
    colour = np.zeros((3 * GRID * GRID, len(area)), np.float32)
    for here, motion in ((early, False), (moving, True)):
        energy[:, here] = _energy_weights(truth.at(here), motion)
    colour[:, early] = 0.7 * _colour_weights(truth.at(early))
    semantic = truth.semantic * np.isin(area, list(SEMANTIC))
    return {"energy": energy, "colour": colour, "semantic": semantic.astype(np.float32)}


def _in_frame(truth: Truth) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centre (x right, y down) and size of receptive fields in frames."""
    return 0.5 + truth.x / SCREEN, 0.5 - truth.y / SCREEN, truth.size / SCREEN


def _gaussian(px, py, x, y, sigma) -> np.ndarray:
    """Gaussian weights of places (p,) for fields (n,), 1 at the nearest place: (p, n)."""
    squared = ((px[:, None] - x) ** 2 + (py[:, None] - y) ** 2) / (2 * sigma**2)
    return np.exp(squared.min(0) - squared)


def _energy_weights(truth: Truth, motion: bool) -> np.ndarray:
    """Gabor filters in the field, near the preferred orientation (or direction), scale and rate."""
    p, (x, y, sigma) = pyramid().parameters, _in_frame(truth)
    place = _gaussian(p["centerh"], p["centerv"], x, y, sigma)
    preferred = truth.direction if motion else truth.orientation
    apart = np.deg2rad(p["direction"][:, None] - preferred)
    tuning = np.exp(2 * np.cos(apart)) if motion else np.exp(1.5 * np.cos(2 * apart))
    octaves = np.log2(np.maximum(p["spatial_freq"], 0.7))[:, None] - np.log2(truth.spatial_frequency)
    still, slow = (p["temporal_freq"] == 0)[:, None], 1 / (1 + truth.temporal_frequency)
    rate = np.where(still, 0.1 * slow if motion else slow, 1 - slow)
    return (place * tuning * np.exp(-(octaves**2)) * rate).astype(np.float32)


def _colour_weights(truth: Truth) -> np.ndarray:
    x, y, sigma = _in_frame(truth)
    place = _gaussian(*cell_places(), x, y, sigma)
    return (truth.colour[:, None] * place).reshape(-1, len(x)).astype(np.float32)

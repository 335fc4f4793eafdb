"""Simulated subjects: an encoding model with known parameters for every vertex, and the BOLD it gives.

Choices and where they come from, in their first version:
- receptive fields: contralateral; eccentricity grows from the back of each area to its front; ventral halves see the
  upper field, dorsal ones the lower; polar angle runs from the vertical to the horizontal meridian and back in V1 and
  turns round in V2 (Wandell et al. 2007); sizes grow with eccentricity and from V1 to V4 (Dumoulin and Wandell 2008);
- early areas see motion energy and colour, MT+ sees moving energy, ventral and temporal areas see semantic axes that
  vary smoothly over cortex (Huth et al. 2012), object identity in LO, PH, TF and TE, faces in FFC, scenes in PHA,
  bodies in the TPOJ and STS areas;
- everything else is noise. HRF: Glover's, from nilearn, with a latency of its own for each vertex.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from nilearn.glm.first_level import glover_hrf
from scipy.signal import fftconvolve, lfilter

from neuroclips.brain.cortex import load_cortex
from neuroclips.simulation.features import GRID, ROW, SEMANTIC_NAMES, Features, pyramid
from neuroclips.simulation.films import TR
from neuroclips.simulation.vocabulary import AXES, CLASS_NAMES, SCENES

EARLY = {"V1": 1.0, "V2": 1.35, "V3": 1.7, "V4": 2.3, "V3A": 2.3, "V3B": 2.3, "V3CD": 2.4, "V7": 2.6}  # RF size factor
MOTION = ("MT", "MST", "FST", "V4t", "V6", "V6A", "IPS1")
OBJECT = (*AXES, *CLASS_NAMES)
SEMANTIC = {
    "FFC": ("face", "body", "animal", "furry"), "PIT": ("face", "round", "toy"), "V8": ("plant", "food", "round"),
    "VVC": ("vehicle", "building", "tool"), "VMV1": SCENES, "VMV2": SCENES, "VMV3": SCENES, "PHA1": SCENES,
    "PHA2": SCENES, "PHA3": SCENES, "LO1": OBJECT, "LO2": OBJECT, "LO3": OBJECT, "PH": OBJECT, "TE2p": OBJECT,
    "TPOJ1": ("body", "action", "face"), "TPOJ2": ("body", "action", "legs"), "TPOJ3": ("body", "action"),
    "STSdp": ("face", "body", "action"), "STSvp": ("face", "animal"), "PGp": SCENES, "TE1p": OBJECT,
    "IP0": ("action", "vehicle"), "DVT": SCENES, "POS1": SCENES, "ProS": SCENES,
    "TF": OBJECT, "STSda": ("face", "body"), "STSva": ("face", "animal"), "PGs": ("action", "body"),
    "MIP": ("action", "tool"), "VIP": ("action", "large"), "LIPv": ("action", "tool"), "RSC": SCENES, "TE1m": OBJECT,
    "PFt": ("action", "tool"),
}  # fmt: skip


@dataclass(frozen=True)
class SubjectConfig:
    """How one simulated subject differs from the others; `snr` is signal over noise of one repeat in V1."""

    seed: int
    snr: float
    every: int = 4  # keep every fourth vertex: the shipped quarter density


SUBJECTS = {1: SubjectConfig(seed=101, snr=1.0), 2: SubjectConfig(seed=202, snr=1.2)}
N_VOLUMES = 242  # per run: 240 TRs and the two that a delay of 4 s needs
N_LATENCIES = 9


@dataclass(frozen=True)
class Brain:
    """The truth about one subject; arrays run over its vertices."""

    vertex_index: np.ndarray  # (n_vertices,) rows among the 59,412 cortical grayordinates
    weights: tuple[np.ndarray, ...]  # per feature kind, (n_features, n_vertices)
    latency: np.ndarray  # (n_vertices,) [s], added to the HRF's
    snr: np.ndarray  # (n_vertices,) signal over noise of one repeat


def draw_brain(config: SubjectConfig) -> Brain:
    """Draw every parameter of a subject from its seed."""
    rng, cortex = np.random.default_rng(config.seed), load_cortex()
    index = np.arange(rng.integers(config.every), len(cortex.area), config.every)
    area, n = cortex.area[index], len(index)
    energy = np.zeros((pyramid().nfilters, n), np.float32)
    colour = np.zeros((3 * GRID * GRID, n), np.float32)
    semantic = np.zeros((len(SEMANTIC_NAMES), n), np.float32)
    snr = np.zeros(n, np.float32)
    for name in dict.fromkeys((*EARLY, *MOTION)):  # not a set: its order would change from run to run
        where = np.flatnonzero(area == name)
        x, y, sigma = _receptive_fields(name, cortex, index[where], rng)
        energy[:, where] = _energy_weights(name, x, y, sigma, rng)
        if name in EARLY:
            colour[:, where] = _colour_weights(x, y, sigma, rng)
        snr[where] = 1.0 if name in ("V1", "V2") else 0.85
    for name, axes in SEMANTIC.items():
        where = np.flatnonzero(area == name)
        semantic[:, where] = _semantic_weights(axes, cortex.xyz[index[where]], rng)
        snr[where] = 0.75
    snr *= config.snr * rng.lognormal(0, 0.35, n)
    latency = np.clip(rng.normal(-1.0, 0.5, n), -2, 0)
    return Brain(index, (energy, colour, semantic), latency.astype(np.float32), snr.astype(np.float32))


def _rank(values: np.ndarray) -> np.ndarray:
    return values.argsort().argsort() / max(1, len(values) - 1)


def _receptive_fields(name, cortex, rows, rng):
    """Centre x, y and size of each vertex's field, in frame widths from the fixation point at (0.5, 0.5)."""
    ecc, angle = np.zeros(len(rows)), np.zeros(len(rows))
    for half in (True, False):
        here = cortex.left[rows] == half
        xyz = cortex.xyz[rows[here]]
        ecc[here] = 0.03 + 0.6 * _rank(xyz[:, 1]) ** 1.3
        height = _rank(xyz[:, 2])  # 0 most ventral, 1 most dorsal
        angle[here] = (height - 0.5) * np.pi  # upper to lower field
        if name == "V2":  # mirror reversal at the borders with V1 and V3, within the quarter fields
            angle[here] = np.where(height < 0.5, -height, 1 - height) * np.pi
    side = np.where(cortex.left[rows], 1, -1)  # contralateral: the left hemisphere sees the right half
    jitter = rng.normal(0, 0.03, (2, len(rows)))
    x, y = 0.5 + side * ecc * np.cos(angle) + jitter[0], 0.5 + ecc * np.sin(angle) + jitter[1]
    factor = EARLY.get(name, 4.0)
    return np.clip(x, 0, 1), np.clip(y, 0, 1), factor * (0.035 + 0.11 * ecc)


def _gaussian(px, py, x, y, sigma) -> np.ndarray:
    """Gaussian weights of places (p,) for fields (n,): (p, n)."""
    return np.exp(-((px[:, None] - x) ** 2 + (py[:, None] - y) ** 2) / (2 * sigma**2))


def _energy_weights(name, x, y, sigma, rng) -> np.ndarray:
    p = pyramid().parameters
    place = _gaussian(p["centerh"], p["centerv"], x, y, np.maximum(sigma, 0.08))
    direction = np.deg2rad(p["direction"])[:, None] - rng.uniform(0, 2 * np.pi, len(x))
    tuning = np.exp(2 * np.cos(direction)) if name in MOTION else np.exp(1.5 * np.cos(2 * direction))
    moving = (p["temporal_freq"] > 0)[:, None]
    speed = np.where(moving, 1.0, 0.1 if name in MOTION else 1.0)
    frequency = np.exp(-((np.log2(1 + p["spatial_freq"])[:, None] - rng.uniform(0, 2.4, len(x))) ** 2))
    return place * tuning * speed * frequency


def _colour_weights(x, y, sigma, rng) -> np.ndarray:
    cell = (np.arange(GRID) + 0.5) / GRID
    px, py = np.tile(cell, GRID), np.repeat(cell, GRID)
    place = _gaussian(px, py, x, y, np.maximum(sigma, 0.05))
    preference = rng.normal(0, 1, (3, 1, len(x))) * np.array([1.0, 0.9, 0.9])[:, None, None]
    return (preference * place).reshape(-1, len(x))


def _semantic_weights(axes, xyz, rng) -> np.ndarray:
    """Smooth tuning over cortex: random Fourier features of the position, with a length scale of about 12 mm."""
    waves = rng.normal(0, 1 / 12, (3, 24))
    smooth = np.cos(xyz @ waves + rng.uniform(0, 2 * np.pi, 24)) @ rng.normal(0, 1, (24, len(SEMANTIC_NAMES)))
    gain = np.array([1.0 if n in axes else 0.25 for n in SEMANTIC_NAMES])
    return (gain * (smooth / np.sqrt(12) + 0.5 * rng.normal(0, 1, smooth.shape))).T


def predict(brain: Brain, features: Features, scale: tuple[tuple[np.ndarray, np.ndarray], ...]) -> np.ndarray:
    """Noise-free BOLD of one film, (N_VOLUMES, n_vertices); `scale` holds mean and std of every feature column.

    Volume v is acquired in the middle of its TR, at 2 v + 1 s. Each kind of feature enters with equal variance.
    """
    drive = sum(((f - m) / s) @ w for f, (m, s), w in zip(features, scale, brain.weights, strict=True))
    rows = int(N_VOLUMES * TR / ROW)
    bold = np.zeros((rows, drive.shape[1]), np.float32)
    bins = np.round((brain.latency + 2) / 2 * (N_LATENCIES - 1)).astype(int)
    for b in np.unique(bins):
        kernel = glover_hrf(ROW, oversampling=1, time_length=32.0, onset=float(b) / (N_LATENCIES - 1) * 2 - 2)
        here = bins == b
        bold[:, here] = fftconvolve(drive[:, here], kernel[:, None], axes=0)[:rows]
    return bold[int(TR / ROW / 2) :: int(TR / ROW)]


def unit_scale(brain: Brain, training: list[np.ndarray]) -> Brain:
    """Weights rescaled so that the noise-free training BOLD of each responsive vertex has unit variance."""
    std = np.sqrt(np.mean([t.var(0) for t in training], axis=0))
    gain = np.where(std > 1e-6, 1 / np.maximum(std, 1e-6), 0).astype(np.float32)
    return Brain(brain.vertex_index, tuple(w * gain for w in brain.weights), brain.latency, brain.snr)


def add_noise(bold: np.ndarray, snr: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One repeat: `snr` times the unit-variance signal plus AR(1), shared and drifting noise of unit variance."""
    n, width = bold.shape
    ar1 = lfilter([np.sqrt(1 - 0.3**2)], [1, -0.3], rng.standard_normal((n + 20, width), np.float32), axis=0)[20:]
    shared = rng.standard_normal((n, 8), np.float32) @ rng.standard_normal((8, width), np.float32) / np.sqrt(8)
    time = np.linspace(-1, 1, n)[:, None]
    drift = rng.standard_normal((1, width)) * time + rng.standard_normal((1, width)) * (time**2 - 1 / 3)
    return (snr * bold + 0.92 * ar1 + 0.35 * shared + 0.5 * drift).astype(np.float32)

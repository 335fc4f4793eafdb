"""Noise of one run: AR(1), slow drift, a spatially smooth part and thermal noise, and a gain that drifts.

Fluctuations of cortex are temporally correlated, smooth over millimetres, and ride on scanner drift (Lund et al.
2006; Triantafyllou et al. 2005 split them from thermal noise); attention changes the response from run to run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from neuroclips.brain.cortex import N_CORTEX, load_cortex

AR1 = 0.45  # correlation of one volume with the next
SHARES = {"ar1": 0.35, "smooth": 0.2, "thermal": 0.45}  # of the noise variance, drift apart
DRIFT = 0.6  # standard deviation of slow drift
GAIN = 0.12  # standard deviation of the gain between runs, and of its drift within one
SMOOTH_LENGTH, N_WAVES = 10.0, 96  # [mm], number of random waves
BLOCKS = 4  # noise is drawn apart for every fourth vertex, so that a quarter of a brain is a quarter of its noise


@dataclass(frozen=True)
class NoiseModel:
    """Where the vertices are, and the smooth patterns that their noise is made of."""

    vertex_index: np.ndarray  # (n,) rows among the 59,412
    patterns: np.ndarray  # (n, N_WAVES) float32, each vertex of unit variance

    @classmethod
    def build(cls, vertex_index: np.ndarray, seed: int) -> NoiseModel:
        rng = np.random.default_rng([seed, 11])
        waves, phase = rng.normal(0, 1 / SMOOTH_LENGTH, (3, N_WAVES)), rng.uniform(0, 2 * np.pi, N_WAVES)
        patterns = np.cos(load_cortex().xyz[vertex_index] @ waves + phase) * np.sqrt(2 / N_WAVES)
        return cls(vertex_index, patterns.astype(np.float32))

    def draw(self, n_volumes: int, seed: tuple[int, ...]) -> np.ndarray:
        """Noise of unit variance plus drift, (n_volumes, n) float32; the same vertex gets the same at any density."""
        shared = np.random.default_rng([*seed, BLOCKS])
        course = _correlated(shared.standard_normal((n_volumes + 20, N_WAVES), np.float32))
        noise = np.sqrt(SHARES["smooth"]).astype(np.float32) * (course @ self.patterns.T)
        for block in np.unique(self.vertex_index % BLOCKS):
            here = np.flatnonzero(self.vertex_index % BLOCKS == block)
            noise[:, here] += _own(n_volumes, self.vertex_index[here] // BLOCKS, np.random.default_rng([*seed, block]))
        return noise


def _own(n_volumes: int, place: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What every vertex of a block has for itself: AR(1), thermal noise and drift; `place` is its rank in the block."""
    n_drawn = -(-N_CORTEX // BLOCKS)
    shock = rng.standard_normal((n_volumes + 20, n_drawn), np.float32)
    thermal = rng.standard_normal((n_volumes, n_drawn), np.float32)
    drift = rng.standard_normal((3, n_drawn), np.float32)
    own = np.float32(np.sqrt(SHARES["ar1"])) * _correlated(shock) + np.float32(np.sqrt(SHARES["thermal"])) * thermal
    own += np.float32(DRIFT) * (_slow(n_volumes) @ drift)
    return own[:, place]


def _correlated(shock: np.ndarray) -> np.ndarray:
    """AR(1) of unit variance from white noise (n + 20, k): (n, k)."""
    filtered = lfilter(np.asarray([np.sqrt(1 - AR1**2)], np.float32), np.asarray([1, -AR1], np.float32), shock, axis=0)[
        20:
    ]
    return filtered.astype(np.float32)


def _slow(n_volumes: int) -> np.ndarray:
    """Slow courses (n_volumes, 3) of a drifting scanner, each of about unit variance over three."""
    time = np.linspace(-1, 1, n_volumes)
    return np.stack(
        [time * np.sqrt(3), (3 * time**2 - 1) / 2 * np.sqrt(5), np.cos(3 * np.pi * time) * np.sqrt(2)], 1
    ).astype(np.float32) / np.float32(np.sqrt(3))


def gain(n_volumes: int, seed: tuple[int, ...]) -> np.ndarray:
    """The response's gain over a run, (n_volumes,) around 1: differs between showings and drifts within one."""
    between, within, phase = np.random.default_rng([*seed, 99]).standard_normal(3)
    wave = np.sin(np.linspace(0, 2 * np.pi, n_volumes) + phase)
    return (1 + GAIN * (between + within * wave)).astype(np.float32)
